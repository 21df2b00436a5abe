// The learning rate over steps: warm-up, stable, decay (WSD), as dots.llm1 was trained.
import type { TrainConfig } from '../config/trainConfig';

type Schedule = Pick<TrainConfig, 'learningRate' | 'warmupSteps' | 'stableSteps' | 'decaySteps' | 'finalLearningRate'>;

/**
 * Learning rate of update `step` (the first is 1): linear from 0 to `learningRate` over the warm-up, constant for `stableSteps`,
 * linear to `finalLearningRate` over `decaySteps`, constant after. A live change of `learningRate` acts at once.
 */
export function learningRateAt(step: number, schedule: Schedule): number {
  const { learningRate, warmupSteps, stableSteps, decaySteps, finalLearningRate } = schedule;
  if (step < warmupSteps) return (learningRate * step) / warmupSteps;
  const intoDecay = step - warmupSteps - stableSteps;
  if (intoDecay <= 0) return learningRate;
  if (intoDecay >= decaySteps) return finalLearningRate;
  return learningRate + (finalLearningRate - learningRate) * (intoDecay / decaySteps);
}
