// How a model is trained. A run is this, a ModelConfig, a DataConfig and the log of what was changed while it ran.
import type { DataConfig } from './dataConfig';
import type { ModelConfig } from './modelConfig';

/**
 * How the router is kept balanced. `frozen` keeps the bias as it is and still chooses by it; `none` chooses by the bare scores.
 * sign: b += γ·sign(mean − load). proportional: b += γ·(mean − load)/mean. recentred: sign, less the mean of the change.
 */
export type BalanceMode = 'sign' | 'proportional' | 'recentred' | 'frozen' | 'none';
export const BALANCE_MODES: readonly BalanceMode[] = ['sign', 'proportional', 'recentred', 'frozen', 'none'];

export interface TrainConfig {
  readonly seed: number;
  /** Sequences in a step, B. A multiple of `shards`, unless that is 0. */
  readonly batchSize: number;
  readonly sequenceLength: number; // T
  /** S: a step is this many fixed shards of its batch, reduced in fixed order; 0 leaves it to the backend, and a run is recorded with what became of it. */
  readonly shards: number;
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly adamEpsilon: number;
  /** Decoupled, on tensors of rank ≥ 2. */
  readonly weightDecay: number;
  /** Largest global gradient norm; 0 switches clipping off. */
  readonly gradientClip: number;
  /** WSD: linear warm-up over this many steps, */
  readonly warmupSteps: number;
  /** constant for this many, */
  readonly stableSteps: number;
  /** then annealed linearly over this many to `finalLearningRate`, where it stays. */
  readonly decaySteps: number;
  readonly finalLearningRate: number;
  readonly balanceMode: BalanceMode;
  readonly biasUpdateSpeed: number; // γ
  /** γ moves to this value while the learning rate anneals, and stays there. */
  readonly finalBiasUpdateSpeed: number;
  /** α of the sequence-wise balance loss; 0 switches it off. */
  readonly sequenceLossWeight: number;
  /** Steps between two validations; 0 never validates. */
  readonly validationEvery: number;
  /** Steps between two samples; 0 never samples. */
  readonly sampleEvery: number;
  readonly sampleTokens: number;
}

export interface RunConfig {
  readonly model: ModelConfig;
  readonly train: TrainConfig;
  readonly data: DataConfig;
}

/** The hyperparameters that may change between two steps of a run. */
export type LiveKey = 'learningRate' | 'weightDecay' | 'gradientClip' | 'biasUpdateSpeed' | 'balanceMode' | 'sequenceLossWeight';
export const LIVE_KEYS: readonly LiveKey[] = [
  'learningRate',
  'weightDecay',
  'gradientClip',
  'biasUpdateSpeed',
  'balanceMode',
  'sequenceLossWeight',
];
export type LiveChange = Partial<Pick<TrainConfig, LiveKey>>;

/** One entry of a run's log: `change` holds from the step after `step` finished steps on. */
export interface LoggedChange {
  readonly step: number;
  readonly change: LiveChange;
}
