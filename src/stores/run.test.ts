import { expect, test } from 'vitest';
import type { RunInfo } from '../protocol/commands';
import { receivePhase, receiveStep, setRun, useRun, type Run } from './run';

const info = { runId: 'a' } as RunInfo;
const training: Run = { phase: 'training', info, step: 3, until: null };

test('of a run that trains on the step comes with its figures, so that a step changes the page once', () => {
  setRun(training);
  receivePhase({ phase: 'training', step: 4, until: null });
  expect(useRun.getState().run).toBe(training);
  receiveStep(4);
  expect(useRun.getState().run).toEqual({ ...training, step: 4 });
  receiveStep(4);
  receiveStep(2);
  expect(useRun.getState().run).toEqual({ ...training, step: 4 });
});

test('another goal and another phase are told at once, with their step', () => {
  setRun(training);
  receivePhase({ phase: 'training', step: 4, until: 10 });
  expect(useRun.getState().run).toEqual({ ...training, step: 4, until: 10 });
  receivePhase({ phase: 'paused', step: 5 });
  expect(useRun.getState().run).toEqual({ phase: 'paused', info, step: 5 });
  // Figures that come late move no run that rests.
  receiveStep(9);
  expect(useRun.getState().run).toEqual({ phase: 'paused', info, step: 5 });
});
