// One shard of a step: some sequences of the batch, forward and backward. Shards share nothing, so any worker may execute any of them.
import type { ModelConfig } from '../config/modelConfig';
import type { TrainConfig } from '../config/trainConfig';
import { assert } from '../core/assert';
import type { Laps } from '../core/stepTrace';
import { accumulated } from '../kernels/accumulation/accumulation';
import { crossEntropy } from '../kernels/crossEntropy/crossEntropy';
import { figures, type Figure } from '../kernels/figures/figures';
import { packed, type Piece } from '../kernels/packed/packed';
import { sequenceBalanceLosses } from '../kernels/sequenceBalance/sequenceBalance';
import {
  filled,
  differentiate,
  differentiatePausing,
  dispose,
  keep,
  type Ended,
  type Seed,
  type Tensor,
} from '../kernels/tensor';
import { bindParameters } from '../model/parameters';
import type { RouterInputs } from '../model/routing';
import { forward, type ForwardPass } from '../model/transformer';
import type { Positions } from '../model/selfAttention';
import { inputsAndTargets } from './loss';

export interface ShardTask {
  /** [sequences, length + 1]: inputs are [:, :-1], targets [:, 1:]. */
  readonly ids: Int32Array;
  readonly sequences: number;
  readonly length: number;
  /** This shard's part of the whole batch: its loss and gradients are scaled by it. */
  readonly portion: number;
  readonly sequenceLossWeight: number;
}

/** The shards of a batch of ids [batchSize, sequenceLength + 1]. */
export function tasksOf(ids: Int32Array, { batchSize, shards, sequenceLength, sequenceLossWeight }: TrainConfig): ShardTask[] {
  const sequences = batchSize / shards;
  const size = sequences * (sequenceLength + 1);
  return Array.from({ length: shards }, (_, shard) => ({
    ids: ids.subarray(shard * size, (shard + 1) * size),
    sequences,
    length: sequenceLength,
    portion: 1 / shards,
    sequenceLossWeight,
  }));
}

/** Tensors the caller owns. */
export interface ShardResult {
  /** One a parameter, in their order: this shard's part of the batch gradient. */
  readonly gradients: Tensor[];
  /** Load and gate mass of each MoE layer, [2, E]. */
  readonly totals: Tensor[];
  /** Everything else that is read, shard after shard in one vector: see `shardFigures`. */
  readonly figures: Tensor;
  /** The first sequence of the first shard, for the page: see `windowOf`. */
  readonly window: Tensor;
}

/** The sequence-wise balance losses of all MoE layers, [layers·sequences]; null where nothing weighs them. */
function balanceLosses({ routings }: ForwardPass, task: ShardTask, config: ModelConfig): Tensor | null {
  if (task.sequenceLossWeight === 0 || routings.length === 0) return null;
  const attributes = { sequences: task.sequences, expertsPerToken: config.numExpertsPerTok };
  return sequenceBalanceLosses(
    routings.map(({ scores }) => scores),
    attributes,
  );
}

/** What one of `size` losses weighs in the batch's mean, and one of the layers' balance losses. */
function portions({ portion, sequences, sequenceLossWeight }: ShardTask, size: number) {
  return { ofLoss: portion / size, ofBalance: (portion * sequenceLossWeight) / sequences };
}

/**
 * [cross entropy, balance loss (where there are MoE layers), largest attention logit of each layer …, choices the bias changed in each MoE
 * layer …]; the losses are the shard's part of the batch mean.
 */
function shardFigures(pass: ForwardPass, losses: Tensor, balances: Tensor | null, task: ShardTask): Tensor {
  const { ofLoss, ofBalance } = portions(task, losses.size);
  const total = (of: Tensor, factor: number): Figure => ({ of, width: 1, column: 0, kind: { factor } });
  return figures([
    total(losses, ofLoss),
    ...(pass.routings.length > 0 ? [balances ? total(balances, ofBalance) : total(losses, 0)] : []),
    ...pass.attention.map((of): Figure => ({ of, width: 2, column: 0, kind: 'largest' })),
    ...pass.routings.map(({ diagnostics }): Figure => ({ of: diagnostics, width: 2, column: 1, kind: { factor: 1 } })),
  ]);
}

/** The first sequence of the shard: loss [T], then for each MoE layer chosen [T, K], weights [T, K] and diagnostics [T, 2]. */
function windowOf(pass: ForwardPass, losses: Tensor, length: number): Tensor {
  const first = (of: Tensor): Piece => ({ of, start: 0, count: (of.size / of.shape[0]!) * length });
  const layers = pass.routings.flatMap(({ chosen, weights, diagnostics }) => [chosen, weights, diagnostics]);
  return packed([losses, ...layers].map(first));
}

/** What forward and backward of a shard need and leave. Its tensors are freed by `finish` or `abandon`. */
interface ShardWork {
  /** The forward pass. */
  readonly objective: () => Seed[];
  finish(gradients: Tensor[]): ShardResult;
  /** What was kept outlives the scope of a failed pass. */
  abandon(): void;
}

function shardWork(
  task: ShardTask,
  parameters: readonly Tensor[],
  routers: readonly RouterInputs[],
  positions: Positions,
  config: ModelConfig,
): ShardWork {
  const { inputs, targets } = inputsAndTargets(task.ids, task.sequences, task.length);
  const observed: { totals: Tensor[]; figures?: Tensor; window?: Tensor } = { totals: [] };
  return {
    objective: () => {
      const pass = forward(inputs, bindParameters(config, parameters), positions, routers, config);
      const losses = crossEntropy(pass.logits, targets); // [N]
      const balances = balanceLosses(pass, task, config);
      observed.totals = pass.routings.map(({ totals }) => keep(totals));
      observed.figures = keep(shardFigures(pass, losses, balances, task));
      observed.window = keep(windowOf(pass, losses, task.length));
      // The objective: the shard's part of the batch's mean cross entropy and balance losses.
      const { ofLoss, ofBalance } = portions(task, losses.size);
      return [
        { of: losses, gradient: filled(losses.shape, ofLoss) },
        ...(balances ? [{ of: balances, gradient: filled(balances.shape, ofBalance) }] : []),
      ];
    },
    finish: (gradients) => {
      dispose([inputs, targets]);
      return { gradients, totals: observed.totals, figures: observed.figures!, window: observed.window! };
    },
    abandon: () => {
      const kept = [...observed.totals, observed.figures, observed.window].filter((tensor) => tensor !== undefined);
      dispose([...kept, inputs, targets]);
    },
  };
}

/** Arguments of `runShard`: the task; parameters in the order of `parameterSpecs`; one router's inputs a MoE layer; positions; the model. */
export type ShardArguments = Readonly<Parameters<typeof shardWork>>;

/** Forward and backward of one shard on the current backend. @param laps hears when each has ended */
export function runShard(given: ShardArguments, laps?: { readonly of: Pick<Laps, 'end'>; readonly shard: number }): ShardResult {
  const work = shardWork(...given);
  try {
    const gradients = differentiate(work.objective, given[1], () => laps?.of.end('forward', laps.shard));
    laps?.of.end('backward', laps.shard);
    return work.finish(gradients);
  } catch (error) {
    work.abandon();
    throw error;
  }
}

/** The same with pauses, in which others may use the device. @param pause what to wait for now, as `differentiatePausing` has it */
export async function runShardPausing(
  given: ShardArguments,
  pause: (ended: Ended) => Promise<void> | null,
): Promise<ShardResult> {
  const work = shardWork(...given);
  try {
    return work.finish(await differentiatePausing(work.objective, given[1], pause));
  } catch (error) {
    work.abandon();
    throw error;
  }
}

/** Adds the results of the shards so far and of the next one; consumes both. */
function addShard(sum: ShardResult | null, next: ShardResult): ShardResult {
  if (!sum) return next;
  const figures = packed([sum.figures, next.figures]);
  const parts = accumulated([...sum.gradients, ...sum.totals], [...next.gradients, ...next.totals]);
  dispose([sum.figures, next.figures, next.window]);
  const count = sum.gradients.length;
  return { gradients: parts.slice(0, count), totals: parts.slice(count), figures, window: sum.window };
}

/** The sum of a step's shards, in the order of their numbers whatever order they come in: so it repeats to the bit. */
export class ShardSum {
  private sum: ShardResult | null = null;
  private added = 0;
  /** Computed, but not yet at their turn. */
  private readonly early = new Map<number, ShardResult>();

  /** Shards that have come. */
  get taken(): number {
    return this.added + this.early.size;
  }

  /** The sum, which the caller then owns. Throws before the first shard has come. */
  get total(): ShardResult {
    assert(this.sum !== null && this.early.size === 0, 'a shard is missing from the sum');
    return this.sum;
  }

  /** Takes over the result of shard number `shard`. */
  take(shard: number, result: ShardResult): void {
    this.early.set(shard, result);
    for (let next = this.early.get(this.added); next; next = this.early.get(this.added)) {
      this.early.delete(this.added++);
      this.sum = addShard(this.sum, next);
    }
  }

  dispose(): void {
    for (const result of [this.sum, ...this.early.values()]) if (result) disposeShard(result);
  }
}

export function disposeShard({
  gradients,
  totals,
  figures,
  window,
}: Omit<ShardResult, 'window'> & { window: Tensor | null }): void {
  dispose([...gradients, ...totals, figures]);
  if (window) dispose(window);
}
