// The workers that help the engine: started once, opened for a run, given every so many shards of its steps.
import type { ModelConfig } from '../config/modelConfig';
import type { RunConfig, TrainConfig } from '../config/trainConfig';
import type { Lap } from '../core/stepTrace';
import { peek, type Tensor } from '../kernels/tensor';
import type { Shared, ShardHelpers, SharedStep } from '../training/helpers';
import { recordLength } from '../training/shardRecord';
import type { FromHelper, HelperPort, ToHelper } from './shardMessages';

export const MAX_WORKERS = 16;

/** Workers for a machine of `cores`: one is left to the page, which stutters where all of them train (LOG.md). */
export function automaticWorkers(cores: number): number {
  return Math.max(1, Math.min(8, cores - 1));
}

interface Helper {
  readonly port: HelperPort;
  /** Number of the run it is ready for. */
  openFor: number;
  /** Its copy of the parameters, while it is here. */
  parameters: Float32Array | null;
}

/** A shard that somebody waits for. */
interface Awaited {
  readonly helper: Helper;
  readonly step: number;
  readonly settle: (record: Float32Array | null) => void;
  /** Gets the helper's phases. */
  readonly laps: Lap[];
}

export class ShardPool implements ShardHelpers {
  private readonly spawn: () => HelperPort | null;
  private helpers: Helper[] = [];
  private config: RunConfig | null = null;
  private run = 0;
  private step = 0;
  private awaited = new Map<number, Awaited>();
  /** Records of the run that nobody reads any more. */
  private spare: Float32Array[] = [];

  /** @param spawn starts a worker; null where there can be none */
  constructor(spawn: () => HelperPort | null) {
    this.spawn = spawn;
  }

  /** Has `count` helpers from now on; new ones join once they are ready. */
  resize(count: number): void {
    for (const helper of this.helpers.slice(count)) this.drop(helper);
    while (this.helpers.length < count) {
      const port = this.spawn();
      if (!port) return;
      const helper: Helper = { port, openFor: 0, parameters: null };
      port.onMessage((message) => this.receive(helper, message));
      port.onDeath(() => this.drop(helper));
      this.helpers.push(helper);
      this.openOne(helper);
    }
  }

  /** Makes the helpers ready for a run of `config`; whatever they still compute for another is dropped. */
  open(config: RunConfig): void {
    this.forget();
    this.config = config;
    this.run++;
    for (const helper of this.helpers) this.openOne(helper);
  }

  /** Ends all workers. */
  close(): void {
    this.forget();
    this.resize(0);
  }

  share({ tasks, parameters, choiceOffsets, isTraced }: SharedStep): Shared {
    this.forget();
    const { config } = this;
    const records = new Map<number, Promise<Float32Array | null>>();
    if (!config) return { helpers: 0, records, laps: [] };
    const helpers = this.helpers.filter(({ openFor }) => openFor === this.run).slice(0, tasks.length - 1);
    const laps: Lap[][] = helpers.map(() => []);
    this.step++;
    const { step } = this;
    for (const [place, helper] of helpers.entries()) {
      const mine = [...tasks.keys()].filter((shard) => shard % (helpers.length + 1) === place + 1);
      for (const shard of mine) {
        const awaited = { helper, step, laps: laps[place]! };
        records.set(shard, new Promise((settle) => this.awaited.set(shard, { ...awaited, settle })));
      }
      const message: ToHelper = {
        type: 'step',
        step,
        parameters: packed(parameters, helper.parameters),
        choiceOffsets: packed(choiceOffsets, null),
        sequenceLossWeight: tasks[0]!.sequenceLossWeight,
        isTraced,
        tasks: mine.map((shard) => ({ shard, ids: tasks[shard]!.ids.slice(), record: this.freeRecord(config) })),
      };
      helper.parameters = null;
      const buffers = [message.parameters, ...message.tasks.map(({ record }) => record)].map(
        ({ buffer }) => buffer as ArrayBuffer,
      );
      helper.port.postMessage(message, buffers);
    }
    return { helpers: helpers.length, records, laps };
  }

  recycle(record: Float32Array): void {
    this.spare.push(record);
  }

  private openOne({ port }: Helper): void {
    if (this.config) port.postMessage({ type: 'open', run: this.run, config: this.config }, []);
  }

  private receive(helper: Helper, message: FromHelper): void {
    switch (message.type) {
      case 'open':
        helper.openFor = message.run;
        helper.parameters = null;
        return;
      case 'shard': {
        const waiting = this.awaited.get(message.shard);
        if (waiting?.step !== message.step) return this.recycle(message.record);
        this.awaited.delete(message.shard);
        waiting.laps.push(...message.laps);
        return waiting.settle(message.record);
      }
      case 'done':
        helper.parameters = message.parameters;
        return;
      case 'failed':
        return this.drop(helper);
    }
  }

  /** Ends a helper; its shards go back to the trainer. */
  private drop(helper: Helper): void {
    helper.port.terminate();
    this.helpers = this.helpers.filter((other) => other !== helper);
    for (const [shard, waiting] of this.awaited) {
      if (waiting.helper !== helper) continue;
      this.awaited.delete(shard);
      waiting.settle(null);
    }
  }

  /** Nobody waits for the shards of the last step any more. */
  private forget(): void {
    for (const { settle } of this.awaited.values()) settle(null);
    this.awaited.clear();
  }

  private freeRecord({ model, train }: { readonly model: ModelConfig; readonly train: TrainConfig }): Float32Array {
    const length = recordLength(model, train);
    const record = this.spare.pop();
    // Records of an earlier run may be of another length.
    return record?.length === length ? record : new Float32Array(length);
  }
}

/** The tensors end to end, in `target` if it is large enough for just them. */
function packed(tensors: readonly Tensor[], target: Float32Array | null): Float32Array {
  const length = tensors.reduce((sum, { size }) => sum + size, 0);
  const values = target?.length === length ? target : new Float32Array(length);
  let at = 0;
  for (const tensor of tensors) {
    values.set(peek(tensor), at);
    at += tensor.size;
  }
  return values;
}
