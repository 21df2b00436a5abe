// What the engine and the workers that help it say to each other. Buffers are handed over, not copied.
import type { RunConfig } from '../config/trainConfig';
import type { Lap } from '../core/stepTrace';

export type ToHelper =
  /** Makes ready for shards of this run, after which the helper says 'open'. */
  | { readonly type: 'open'; readonly run: number; readonly config: RunConfig }
  | {
      readonly type: 'step';
      readonly step: number;
      /** Every parameter end to end, in the order of `parameterSpecs`. Comes back with 'done'. */
      readonly parameters: Float32Array;
      readonly choiceOffsets: Float32Array; // [L, E]
      readonly sequenceLossWeight: number;
      readonly isTraced: boolean;
      readonly tasks: readonly { readonly shard: number; readonly ids: Int32Array; readonly record: Float32Array }[];
    };

export type FromHelper =
  | { readonly type: 'open'; readonly run: number }
  /** `laps`: its phases since the shard before, where the step is traced. */
  | {
      readonly type: 'shard';
      readonly step: number;
      readonly shard: number;
      readonly record: Float32Array;
      readonly laps: readonly Lap[];
    }
  | { readonly type: 'done'; readonly step: number; readonly parameters: Float32Array }
  | { readonly type: 'failed'; readonly detail: string };

/** A helper as the engine holds it. */
export interface HelperPort {
  postMessage(message: ToHelper, transfer: ArrayBuffer[]): void;
  onMessage(listener: (message: FromHelper) => void): void;
  /** Called when the worker dies by itself. */
  onDeath(listener: () => void): void;
  terminate(): void;
}
