// A run: its weights, its balance, its log. Training is a generator of events; whoever listens decides when to stop.
import { moeLayerCount } from '../config/modelConfig';
import type { LiveChange, LoggedChange, RunConfig, TrainConfig } from '../config/trainConfig';
import { assert } from '../core/assert';
import type { Phase, StepTrace } from '../core/stepTrace';
import { allOrNothing, dispose, read, type Tensor } from '../kernels/tensor';
import type { LiveModel } from '../model/liveModel';
import { initialParameters } from '../model/parameters';
import { plainRouterInputs } from '../model/routing';
import type { Positions } from '../model/selfAttention';
import { positionsFor } from '../model/transformer';
import { Balancer } from './balancer';
import { computeShard } from './computeShard';
import { Optimizer } from './optimizer';
import type { ShardHelpers } from './helpers';
import type { Pauses } from './pauses';
import { biasUpdateSpeedAt, learningRateAt, withLiveChange } from './schedule';
import { afterChanges, readTensors, restore, type TrainerState } from './state';
import { withShards } from './shardCount';
import { ShardSum, tasksOf, type ShardResult } from './shard';
import { unpackShard } from './shardRecord';
import { StepTracer, type Tracing } from './stepTracer';
import { finishStep, type StepReport } from './trainStep';

/** Where the text comes from: a pure function of the step (0 is the first), so that any step can be repeated alone. */
export interface BatchSource {
  /** ids [batchSize, sequenceLength + 1]; epoch: passes over the text before this batch, fractional. */
  batch(step: number): { readonly ids: Int32Array; readonly epoch: number };
}

export type TrainEvent =
  /** A preemption point: `done` of `shards` shards of the coming step are computed; the weights are still those of the last finished step. */
  | { readonly kind: 'shard'; readonly step: number; readonly done: number; readonly shards: number }
  | {
      readonly kind: 'step';
      /** Steps finished, this one included; unchanged where the report says not finite. */
      readonly step: number;
      readonly report: StepReport;
      readonly learningRate: number;
      readonly biasUpdateSpeed: number; // γ
      readonly epoch: number;
      readonly tokensSeen: number;
      /** The first sequence of the batch, [T] inputs. */
      readonly ids: Int32Array;
      /** How many computed its shards. */
      readonly workers: number;
      /** Where its time went; null where nobody asked. */
      readonly trace: StepTrace | null;
    };

export interface StartingPoint {
  readonly parameters: readonly Tensor[];
  readonly biases: readonly Tensor[];
}

export interface TrainerOptions {
  /** Changes of an earlier run, applied at their steps: the same config and log repeat its losses. */
  readonly replay?: readonly LoggedChange[];
  /** Takes over these tensors in place of fresh ones drawn from the seed. */
  readonly start?: StartingPoint;
  /** Goes on from here, to the bit, in place of the beginning; its changes and those to come stand for `replay` and `start`. */
  readonly resume?: TrainerState;
  /** Who computes shards besides the trainer itself. */
  readonly helpers?: ShardHelpers;
  /** Hears when a phase of the step under way has ended, in this thread; the first step is 1. What it throws, the step throws. */
  readonly onPhase?: (phase: Phase, step: number) => void;
  /** Who is let in while a step is under way; left out: nobody but at its events. */
  readonly pauses?: Pauses;
}

export class Trainer {
  readonly config: RunConfig;
  readonly optimizer: Optimizer;
  readonly balancer: Balancer;
  private readonly source: BatchSource;
  private readonly positions: Positions;
  private readonly log: LoggedChange[];
  private readonly replay: readonly LoggedChange[];
  private readonly helpers: ShardHelpers | undefined;
  private readonly onPhase: TrainerOptions['onPhase'];
  private readonly pauses: Pauses | undefined;
  private train: TrainConfig;
  private tracing: Tracing | null = null;
  private finished = 0;
  private replayed = 0;
  private isInStep = false;
  /** Weights, biases and step are not of one mind. */
  private isUpdating = false;
  private isSpoiled = false;

  constructor(
    config: RunConfig,
    source: BatchSource,
    { replay = [], start, resume, helpers, onPhase, pauses }: TrainerOptions = {},
  ) {
    this.config = withShards(config);
    const { model, train } = this.config;
    assert(train.batchSize % train.shards === 0, `batch of ${train.batchSize} does not divide into ${train.shards} shards`);
    this.source = source;
    this.replay = resume?.upcoming ?? replay;
    this.helpers = helpers;
    this.onPhase = onPhase;
    this.pauses = pauses;
    this.log = [...(resume?.changes ?? [])];
    this.train = afterChanges(train, this.log);
    this.finished = resume?.step ?? 0;
    const { optimizer, balancer, positions } = allOrNothing(() => ({
      ...(resume
        ? restore(resume, this.config)
        : {
            optimizer: new Optimizer(start?.parameters ?? initialParameters(model, train.seed)),
            balancer: new Balancer(moeLayerCount(model), model.nRoutedExperts, start?.biases),
          }),
      positions: positionsFor(model, train.batchSize / train.shards, train.sequenceLength),
    }));
    this.optimizer = optimizer;
    this.balancer = balancer;
    this.positions = positions;
  }

  /** Steps finished. */
  get step(): number {
    return this.finished;
  }

  /** Hyperparameters as they stand after the live changes so far. */
  get current(): TrainConfig {
    return this.train;
  }

  /** The weights and biases of the last finished step. Look it up anew after a step: a path may have replaced tensors. */
  get model(): LiveModel {
    return {
      config: this.config.model,
      parameters: this.optimizer.values,
      choiceOffsets: this.balancer.choiceOffsets(this.train.balanceMode),
    };
  }

  /** False: the weights are no longer those of a finished step; it trains no more and gives nothing out, and only an earlier state can be gone on with. */
  get isSound(): boolean {
    return !this.isSpoiled;
  }

  /** Something that was computed is missing, and nobody knows where. */
  spoil(): void {
    this.isSpoiled = true;
  }

  get changes(): readonly LoggedChange[] {
    return this.log;
  }

  /** Traces steps from the next one on; null: no more. */
  trace(tracing: Tracing | null): void {
    this.tracing = tracing;
  }

  /** Changes hyperparameters from the next step that has not begun, and logs it. */
  change(change: LiveChange): LoggedChange {
    const logged = { step: this.finished + (this.isInStep ? 1 : 0), change };
    this.train = withLiveChange(this.train, change, logged.step + 1);
    this.log.push(logged);
    return logged;
  }

  /**
   * Where the run stands: after the last finished step, also when asked at a 'shard' event. Ask between two events; training may go on
   * while it resolves.
   */
  async capture(): Promise<TrainerState> {
    assert(!this.isUpdating, `a state was asked for while step ${this.finished + 1} updates the weights`);
    assert(this.isSound, `a state was asked for after step ${this.finished + 1} was cut short`);
    const { finished: step, log } = this;
    const holds = (entry: LoggedChange): boolean => entry.step <= step;
    const changes = log.filter(holds);
    // What was changed during the step under way is still to come for whoever begins that step anew.
    const upcoming = [...log.filter((entry) => !holds(entry)), ...this.replay.slice(this.replayed)];
    const tensors = await readTensors(this.optimizer, this.balancer);
    assert(this.isSound, `the state of step ${step} was read from a device that failed`);
    return { step, changes, upcoming, ...tensors };
  }

  /** The same of the weights and biases alone. */
  async captureWeights(): Promise<Pick<TrainerState, 'step' | 'parameters' | 'biases'>> {
    assert(!this.isUpdating && this.isSound, `weights were asked for while step ${this.finished + 1} updates them`);
    const { finished: step } = this;
    const all = (tensors: readonly Tensor[]) => Promise.all(tensors.map(read));
    const [parameters, biases] = await Promise.all([all(this.optimizer.values), all(this.balancer.values)]);
    assert(this.isSound, `the weights of step ${step} were read from a device that failed`);
    return { step, parameters, biases };
  }

  /** Trains for as long as it is asked for more. Stop at a 'step' event: stopping at a 'shard' event throws that step's work away. */
  async *events(): AsyncGenerator<TrainEvent, never> {
    for (;;) {
      while (this.replay[this.replayed]?.step === this.finished) this.change(this.replay[this.replayed++]!.change);
      this.isInStep = true;
      try {
        yield* this.oneStep();
      } finally {
        this.isInStep = false;
      }
    }
  }

  private async *oneStep(): AsyncGenerator<TrainEvent, void> {
    assert(this.isSound, `step ${this.finished + 1} was cut short while it updated the weights`);
    const { model } = this.config;
    const { train } = this;
    const tracer = this.tracing && new StepTracer(this.tracing);
    const { ids, epoch } = this.source.batch(this.finished);
    const tasks = tasksOf(ids, train);
    await tracer?.end('data');
    const choiceOffsets = this.balancer.choiceOffsets(train.balanceMode);
    const routers = plainRouterInputs(model, choiceOffsets);
    const parameters = this.optimizer.values;
    const heard = (phase: Phase): void => this.onPhase?.(phase, this.finished + 1);
    const listeners = { tracer, pauses: this.pauses, heard };
    const compute = (shard: number): Promise<ShardResult> =>
      computeShard(shard, [tasks[shard]!, parameters, routers, this.positions, model], listeners);
    const elsewhere = this.helpers?.share({ tasks, parameters, choiceOffsets, isTraced: tracer !== null }) ?? {
      helpers: 0,
      records: new Map<number, never>(),
      laps: [],
    };
    if (elsewhere.helpers > 0) await tracer?.end('copy');
    const sum = new ShardSum();
    let isWhole = false;
    const take = async (shard: number, result: ShardResult): Promise<TrainEvent> => {
      sum.take(shard, result);
      await tracer?.end('reduce', shard);
      return { kind: 'shard', step: this.finished, done: sum.taken, shards: train.shards };
    };
    try {
      for (const shard of tasks.keys()) {
        if (elsewhere.records.has(shard)) continue;
        yield await take(shard, await compute(shard));
        tracer?.laps.skip();
      }
      for (const [shard, promise] of elsewhere.records) {
        const record = await (this.pauses?.during(promise) ?? promise);
        tracer?.laps.end('wait', shard);
        const result = record ? unpackShard(record, model, train) : await compute(shard);
        if (record) {
          this.helpers!.recycle(record);
          tracer?.laps.end('copy', shard);
        }
        yield await take(shard, result);
        tracer?.laps.skip();
      }
      isWhole = true;
    } finally {
      if (!isWhole) sum.dispose();
      if (routers.length > 0) dispose([routers[0]!.contribution, routers[0]!.given]);
    }
    const update = this.finished + 1;
    const speeds = { learningRate: learningRateAt(update, train), biasUpdateSpeed: biasUpdateSpeedAt(update, train) };
    const end = async (phase: Phase): Promise<void> => {
      await tracer?.end(phase);
      this.onPhase?.(phase, update);
    };
    this.isUpdating = true;
    const report = await finishStep(sum.total, this.optimizer, this.balancer, update, speeds, train, model, { end }).catch(
      (thrown: unknown) => {
        this.spoil();
        this.isUpdating = false;
        throw thrown;
      },
    );
    this.isUpdating = false;
    if (report.finite) this.finished = update;
    else {
      // What was changed during a step that came to nothing holds for its second try.
      for (const [index, { step, change }] of this.log.entries())
        if (step === update) this.log[index] = { step: this.finished, change };
      this.train = afterChanges(this.config.train, this.log);
    }
    this.isInStep = false;
    yield {
      kind: 'step',
      step: this.finished,
      report,
      ...speeds,
      epoch,
      tokensSeen: this.finished * train.batchSize * train.sequenceLength,
      ids: ids.slice(0, train.sequenceLength),
      workers: 1 + elsewhere.helpers,
      trace: tracer?.finish(update, elsewhere.laps) ?? null,
    };
  }

  dispose(): void {
    this.optimizer.dispose();
    this.balancer.dispose();
    dispose([this.positions.cos, this.positions.sin, this.positions.unitHead]);
  }
}
