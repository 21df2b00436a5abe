// Many changes of one layer on the same text: what comes before that layer is computed once, and of what comes after only the rows that a
// change can reach.
import type { Intervention } from '../config/intervention';
import { moeLayerCount } from '../config/modelConfig';
import { assert } from '../core/assert';
import { addition } from '../kernels/addition/addition';
import { crossEntropy } from '../kernels/crossEntropy/crossEntropy';
import { embedding } from '../kernels/embedding/embedding';
import { linear } from '../kernels/linear/linear';
import { packed } from '../kernels/packed/packed';
import { compiledFor, prepared } from '../kernels/prepared';
import { allOrNothing, dispose, intTensor, read, tidy, type Tensor } from '../kernels/tensor';
import type { LiveModel } from '../model/liveModel';
import { route, runRouted, runShared } from '../model/moe';
import { bindParameters, type ModelParameters, type MoeParameters } from '../model/parameters';
import { plainRouterInputs } from '../model/routing';
import { sharedShare } from '../model/steering';
import { forward, forwardFrom, positionsFor } from '../model/transformer';
import { steeredRouterInputs, type TokenRows } from './steer';

/** B sequences of T tokens and what follows each token, [B·T]. */
export interface TextBatch {
  readonly inputs: Int32Array;
  readonly targets: Int32Array;
  readonly sequences: number; // B
  readonly length: number; // T
}

/** Positions and texts of a batch's rows. */
export function rowsOf({ inputs, length }: TextBatch): TokenRows {
  return {
    ids: inputs,
    positions: inputs.map((_, n) => n % length),
    texts: inputs.map((_, n) => Math.floor(n / length)),
  };
}

/** Surprise of each target under interventions, nats [B·T]: the plain way, all of the model. */
export async function tokenLosses(
  model: LiveModel,
  batch: TextBatch,
  interventions: readonly Intervention[],
): Promise<Float32Array> {
  const { config } = model;
  const pass = () =>
    tidy(() => {
      const routers = steeredRouterInputs(config, model.choiceOffsets, interventions, rowsOf(batch));
      const ids = intTensor(batch.inputs, [batch.inputs.length]);
      const positions = positionsFor(config, batch.sequences, batch.length);
      const { logits } = forward(ids, bindParameters(config, model.parameters), positions, routers, config);
      return crossEntropy(logits, intTensor(batch.targets, [batch.targets.length]));
    });
  const losses = await prepared(null, pass);
  return read(losses).finally(() => dispose(losses));
}

/** What a MoE layer has before its router, and what its shared experts say. */
interface Kept {
  readonly stream: Tensor; // [N, C]
  readonly x: Tensor; // [N, C]
  readonly shared: Tensor | null; // [N, C]
}

/** The unchanged model's pass over a batch: what is kept of each MoE layer; the losses and the choices, packed. */
function prefixPass(model: LiveModel, batch: TextBatch): { readonly kept: Kept[]; readonly seen: Tensor } {
  const { config } = model;
  let made: { kept: Kept[]; seen: Tensor } | null = null;
  tidy(() => {
    const parameters = bindParameters(config, model.parameters);
    const routers = plainRouterInputs(config, model.choiceOffsets);
    const positions = positionsFor(config, batch.sequences, batch.length);
    const pass = forward(intTensor(batch.inputs, [batch.inputs.length]), parameters, positions, routers, config);
    const layers = pass.moeInputs.map(({ stream, x }, layer): Kept => ({
      stream,
      x,
      shared: runShared(x, moeAt(parameters, layer, config), routers[layer]!),
    }));
    const losses = crossEntropy(pass.logits, intTensor(batch.targets, [batch.targets.length]));
    made = { kept: layers, seen: packed([losses, ...pass.routings.map(({ chosen }) => chosen)]) };
    return [made.seen, ...layers.flatMap(tensorsOf)];
  });
  return made!;
}

/** A batch as the unchanged model reads it. Owns tensors until `dispose`; the model must not change meanwhile. */
export class SharedPrefix {
  /** Surprise of each target, nats [N]. */
  readonly losses: Float32Array;
  /** Experts of each token in each MoE layer, [L, N, K]. */
  readonly chosen: Int16Array;
  private readonly model: LiveModel;
  private readonly batch: TextBatch;
  private readonly parameters: ModelParameters;
  private readonly kept: readonly Kept[];

  private constructor(model: LiveModel, batch: TextBatch, kept: readonly Kept[], told: Float32Array) {
    const N = batch.inputs.length;
    this.model = model;
    this.batch = batch;
    this.parameters = bindParameters(model.config, model.parameters);
    this.kept = kept;
    this.losses = told.slice(0, N);
    this.chosen = Int16Array.from(told.subarray(N));
  }

  static async read(model: LiveModel, batch: TextBatch): Promise<SharedPrefix> {
    const pass = () => prefixPass(model, batch);
    await compiledFor(JSON.stringify(['prefix', model.config, batch.sequences, batch.length]), pass);
    const { kept, seen } = allOrNothing(pass);
    const told = await read(seen).finally(() => dispose(seen));
    return new SharedPrefix(model, batch, kept, told);
  }

  /** 1 for each token that expert `expert` of MoE layer `layer` works on, [N]. */
  usersOf(layer: number, expert: number): Uint8Array {
    const N = this.batch.inputs.length;
    const K = this.model.config.numExpertsPerTok;
    const users = new Uint8Array(N);
    for (let n = 0; n < N; n++) for (let k = 0; k < K; k++) if (this.chosen[(layer * N + n) * K + k] === expert) users[n] = 1;
    return users;
  }

  /**
   * Surprise of each target with one layer changed, nats [N].
   * @param interventions on that layer alone
   * @param touched 1 for each token whose decision there may change: the rest of the text before it is taken as it is
   */
  async lossesUnder(layer: number, interventions: readonly Intervention[], touched: Uint8Array): Promise<Float32Array> {
    const { config } = this.model;
    const { length: T, sequences } = this.batch;
    assert(
      layer < moeLayerCount(config) && interventions.every(({ layers }) => layers?.length === 1 && layers[0] === layer),
      `interventions beyond MoE layer ${layer}`,
    );
    const reached = Array.from({ length: sequences }, (_, b) => b).filter((b) =>
      touched.subarray(b * T, (b + 1) * T).includes(1),
    );
    if (reached.length === 0) return this.losses.slice();
    const rows = Int32Array.from({ length: reached.length * T }, (_, n) => reached[Math.floor(n / T)]! * T + (n % T));
    const isLast = config.firstKDenseReplace + layer === config.numHiddenLayers - 1;
    // Behind the last attention a token is its own affair; before it, it reaches every token after it.
    const ends = rows
      .map((_, n) => n)
      .filter((n) => {
        const row = rows[n]!;
        return isLast ? touched[row] === 1 : touched.subarray(row - (row % T), row + 1).includes(1);
      });
    const pass = () =>
      tidy(() => {
        const output = this.outputUnder(layer, interventions, rows, reached.length);
        const logits = linear(picked(output, ends), this.parameters.head);
        return crossEntropy(
          logits,
          intTensor(
            ends.map((n) => this.batch.targets[rows[n]!]!),
            [ends.length],
          ),
        );
      });
    const told = await prepared(null, pass);
    const values = await read(told).finally(() => dispose(told));
    const losses = this.losses.slice();
    for (const [at, n] of ends.entries()) losses[rows[n]!] = values[at]!;
    return losses;
  }

  /** The normed residual stream the head reads, of the sequences in `rows`. */
  private outputUnder(layer: number, interventions: readonly Intervention[], rows: Int32Array, sequences: number): Tensor {
    const { config, choiceOffsets } = this.model;
    const all = rowsOf(this.batch);
    const of = (column: ArrayLike<number>) => rows.map((row) => column[row]!);
    const told: TokenRows = { ids: of(all.ids), positions: of(all.positions), texts: of(all.texts!) };
    const routers = steeredRouterInputs(config, choiceOffsets, interventions, told);
    const moe = moeAt(this.parameters, layer, config);
    const kept = this.kept[layer]!;
    const [stream, x] = [picked(kept.stream, rows), picked(kept.x, rows)];
    const routed = runRouted(x, route(x, moe.router, routers[layer]!, config), moe);
    const shared = kept.shared && sharedShare(picked(kept.shared, rows), routers[layer]!.steering);
    const after = addition(stream, shared ? addition(routed, shared) : routed);
    const positions = positionsFor(config, sequences, this.batch.length);
    return forwardFrom(after, config.firstKDenseReplace + layer + 1, this.parameters, positions, routers, config).output;
  }

  dispose(): void {
    dispose(this.kept.flatMap(tensorsOf));
  }
}

const tensorsOf = ({ stream, x, shared }: Kept): Tensor[] => (shared ? [stream, x, shared] : [stream, x]);

function moeAt({ layers }: ModelParameters, layer: number, { firstKDenseReplace }: LiveModel['config']): MoeParameters {
  const { ffn } = layers[firstKDenseReplace + layer]!;
  assert(ffn.kind === 'moe', `MoE layer ${layer} is dense`);
  return ffn;
}

/** Rows of a matrix; the matrix itself where they are all of them. */
function picked(matrix: Tensor, rows: Int32Array): Tensor {
  return rows.length === matrix.shape[0] ? matrix : embedding(matrix, intTensor(rows, [rows.length]));
}
