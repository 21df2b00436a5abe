// The learning rate over steps: warm-up, stable, annealing (WSD), as dots.llm1 was trained; γ keeps step with its last part.
import type { LiveChange, TrainConfig } from '../config/trainConfig';

type Phases = Pick<TrainConfig, 'warmupSteps' | 'stableSteps' | 'decaySteps'>;

/** How much of the annealing lies behind update `step` (the first is 1): 0 before it begins, 1 from its end on. */
function annealed(step: number, { warmupSteps, stableSteps, decaySteps }: Phases): number {
  const into = step - warmupSteps - stableSteps;
  if (into <= 0) return 0;
  return into >= decaySteps ? 1 : into / decaySteps;
}

/** Exactly `to` at the end. */
const between = (from: number, to: number, share: number): number => (share === 1 ? to : from + (to - from) * share);

/** Learning rate of update `step`: linear from 0 over the warm-up, constant, linear to `finalLearningRate`, constant after. */
export function learningRateAt(step: number, train: Phases & Pick<TrainConfig, 'learningRate' | 'finalLearningRate'>): number {
  const { learningRate, finalLearningRate, warmupSteps } = train;
  if (step < warmupSteps) return (learningRate * step) / warmupSteps;
  return between(learningRate, finalLearningRate, annealed(step, train));
}

/**
 * γ of update `step`: constant, then linear to `finalBiasUpdateSpeed` while the learning rate anneals. A router that settles needs no
 * large steps any more, and large steps make its loads swing (DeepSeek-V3 likewise ends with γ = 0).
 */
export function biasUpdateSpeedAt(
  step: number,
  train: Phases & Pick<TrainConfig, 'biasUpdateSpeed' | 'finalBiasUpdateSpeed'>,
): number {
  const { biasUpdateSpeed, finalBiasUpdateSpeed } = train;
  return between(biasUpdateSpeed, finalBiasUpdateSpeed, annealed(step, train));
}

/** `train` after a live change that holds from update `step` on. One that comes once annealing has begun ends it: the value stays as set. */
export function withLiveChange(train: TrainConfig, change: LiveChange, step: number): TrainConfig {
  const changed = { ...train, ...change };
  if (annealed(step, train) === 0) return changed;
  return {
    ...changed,
    finalLearningRate: change.learningRate ?? train.finalLearningRate,
    finalBiasUpdateSpeed: change.biasUpdateSpeed ?? train.finalBiasUpdateSpeed,
  };
}
