// Who takes part: a way to compute one workload, asked for one stretch of steps after another. Plain, so that it travels between processes.
import type { RunConfig } from '../../src/config/trainConfig';

export interface ContestantSpec {
  /**
   * ours: this repository; matmul: our matrix product alone, on the sizes of the run's linear layers; generation: this repository writing text,
   * a step a text; jax: the same model in jax-js; tfjs: the same dense model written by hand in plain tfjs; gpt: the GPT-2 of gpt-tfjs, another
   * model of the same layers, width, heads, context and vocabulary.
   */
  readonly kind: 'ours' | 'matmul' | 'generation' | 'jax' | 'tfjs' | 'gpt';
  readonly run: RunConfig;
  /** `webgl` is one of tfjs alone. */
  readonly backend: 'wasm' | 'webgl' | 'webgpu-software' | 'webgpu';
  /** ours: how many compute shards. */
  readonly workers?: number;
  /**
   * ours: how the routed experts are computed: by their fast path; by the operation's dense, masked definition; or all as one wide, masked
   * SwiGLU. `composed` runs every operation's definition.
   */
  readonly variant?: 'fast' | 'definition' | 'wide' | 'composed';
}

/** Phases of a step whose times the table tells, ms of all workers together. */
export interface StepParts {
  readonly forward: number;
  readonly backward: number;
  readonly optimizer: number;
}

/** One step, in ms. */
export interface StepTime {
  readonly step: number;
  /** Forward and backward; without the optimizer where the contestant can tell them apart, else the same as `step`. */
  readonly passes: number;
  /** Null where the contestant cannot tell, or could only by waiting. */
  readonly parts: StepParts | null;
}

/** What a contestant can tell once it has started and is warm. */
export interface Start {
  /** Losses of the first steps, nats: `FIRST_LOSSES`, or as many as a slow one does to warm up; none where there is no loss. */
  readonly losses: readonly number[];
  readonly firstStepMs: number;
}

export interface Stretch {
  readonly times: readonly StepTime[];
  /** Tensors alive after it; a training run has as many after every step. Null where nothing counts them. */
  readonly tensors: number | null;
}

export interface Contestant {
  /** Starts, does the first steps and warms up. */
  start(): Promise<Start>;
  /** Times `steps` further steps. */
  time(steps: number): Promise<Stretch>;
}

export const FIRST_LOSSES = 5;

/** Steps after which everything has been asked for once. */
const WARM_STEPS = 8;
/** Long enough for the engine of JavaScript to have compiled a small model's step for good: some hundreds of steps. */
const WARM_MS = 4000;

/** Whether a contestant that did `steps` steps since `begun` (of performance.now) is as fast as it gets. */
export const isWarm = (steps: number, begun: number): boolean => steps >= WARM_STEPS && performance.now() - begun >= WARM_MS;
