// Where else the shards of a step may be computed. Who computes a shard never changes its bits, so helpers may come and go.
import type { Lap } from '../core/stepTrace';
import type { Tensor } from '../kernels/tensor';
import type { ShardTask } from './shard';

/** All shards of one step, and the state they start from. */
export interface SharedStep {
  readonly tasks: readonly ShardTask[];
  readonly parameters: readonly Tensor[];
  /** What chooses besides the scores, [1, E] for each MoE layer. */
  readonly choiceOffsets: readonly Tensor[];
  /** Helpers say when their phases were. */
  readonly isTraced: boolean;
}

export interface Shared {
  /** How many compute besides the trainer. */
  readonly helpers: number;
  /** Of each shard taken, by its number: its record (see shardRecord), or null if its helper failed and the trainer must compute it. */
  readonly records: ReadonlyMap<number, Promise<Float32Array | null>>;
  /** Phases of each helper, on the trainer's clock, whole once all records have come; empty where the step is not traced. */
  readonly laps: readonly (readonly Lap[])[];
}

export interface ShardHelpers {
  /** Takes some shards of a step off the trainer. Everything is copied before it returns. */
  share(step: SharedStep): Shared;
  /** A record's numbers have been read; its memory may be used again. */
  recycle(record: Float32Array): void;
}
