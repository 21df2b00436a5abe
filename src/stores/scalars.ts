// Every step's scalars of the current run, in growing columns beside React; the store holds only their version and the newest row.
import { create } from 'zustand';
import { History } from '../analysis/history';
import { MovingAverage } from '../core/stats';
import type { StepScalars } from '../protocol/events';

const COLUMNS = [
  'step',
  'loss',
  'smoothedLoss',
  'gradientNorm',
  'clipped',
  'learningRate',
  'stepMs',
  'maxAttentionLogit',
  'maxVio',
  'biasChangedShare',
] as const;
export type ScalarColumn = (typeof COLUMNS)[number];

/** Memory of the smoothed loss: about 20 steps. */
const SMOOTHING = 0.95;
/** Step times whose median is the pace shown. */
const PACE_STEPS = 9;

export interface ScalarsState {
  readonly version: number;
  readonly latest: StepScalars | null;
}

export const scalarHistory = new History<ScalarColumn>(COLUMNS);
let average = new MovingAverage(SMOOTHING);

export const useScalars = create<ScalarsState>(() => ({ version: 0, latest: null }));

/** What the routing of the same step adds to its row; NaN for a dense model. */
export interface RoutingScalars {
  readonly maxVio: number;
  readonly biasChangedShare: number;
}

export function receiveScalars(scalars: readonly StepScalars[], routingOf: (step: number) => RoutingScalars): void {
  for (const scalar of scalars) {
    scalarHistory.push({
      ...scalar,
      ...routingOf(scalar.step),
      clipped: scalar.clipped ? 1 : 0,
      smoothedLoss: average.push(scalar.loss),
    });
  }
  const latest = scalars.at(-1);
  if (latest) useScalars.setState(({ version }) => ({ version: version + 1, latest }));
}

export function clearScalars(): void {
  scalarHistory.clear();
  average = new MovingAverage(SMOOTHING);
  useScalars.setState(({ version }) => ({ version: version + 1, latest: null }));
}

/** Median time of the last steps, ms; NaN before the first. Validation between two steps is no part of a step. */
export function medianStepMs(): number {
  const recent = scalarHistory.column('stepMs').slice(-PACE_STEPS).sort();
  return recent.length === 0 ? NaN : recent[recent.length >> 1]!;
}

/** Share of all steps so far whose gradient was clipped. */
export function clippedShare(): number {
  const clipped = scalarHistory.column('clipped');
  return clipped.length === 0 ? NaN : clipped.reduce((total, one) => total + one, 0) / clipped.length;
}
