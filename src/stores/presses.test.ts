// Presses in unlucky moments: what a person asked for last is what they get.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findField } from '../config/fields';
import type { ValidationResult } from '../protocol/events';
import type { KeptRun } from '../protocol/kept';
import { useFakeEngines } from '../testing/fakeWorker';
import { choosePreset, useConfig } from './config';
import { stopEngine } from './connect';
import { useEngine } from './engine';
import { useHeldOut } from './heldOut';
import { useKept } from './kept';
import { resumeKept } from './resume';
import { runInfo, runStep, useRun } from './run';
import { changeBackend, editField, forgetFigures, play, prepareRun, restart, step } from './runActions';
import { sampleNow, useSamples } from './samples';
import { scalarHistory } from './scalars';

const KEPT: KeptRun = {
  runId: 'kept',
  name: 'calm kept',
  step: 12,
  savedAt: 1,
  backend: 'wasm',
  isElsewhere: false,
  isPinned: false,
};
const SPEED = findField('train.biasUpdateSpeed')!;

const engines = useFakeEngines();
beforeEach(() => choosePreset('default'));
afterEach(() => {
  stopEngine();
  useRun.setState({ run: { phase: 'none' } });
  useKept.setState({ kept: { place: 'files', runs: [], next: [], error: null }, isBusy: false });
});

const reaches = (condition: () => boolean) => vi.waitFor(() => expect(condition()).toBe(true), { timeout: 3000, interval: 5 });
const runsMade = (): number => engines.commands.filter((kind) => kind === 'createRun').length;

async function trainedOne(): Promise<void> {
  await step(1);
  await reaches(() => useRun.getState().run.phase === 'paused' && scalarHistory.length === 1);
}

/** Does `press` in the moment in which the next engine is ready and the run is not there yet. */
function whenReady(press: () => unknown): void {
  const unsubscribe = useEngine.subscribe(({ engine }) => {
    if (engine.phase !== 'ready') return;
    unsubscribe();
    press();
  });
}

test('a step that is asked for while another backend starts is taken', async () => {
  await trainedOne();
  engines.options = { delayMs: 50 };
  whenReady(() => step(1));
  await changeBackend('cpu');
  await reaches(() => useRun.getState().run.phase === 'paused' && scalarHistory.length === 1);
  expect(runStep(useRun.getState().run)).toBe(1);
  expect(runsMade()).toBe(2);
});

test('Play survives a change of backend while the engine starts', async () => {
  engines.options = { delayMs: 50 };
  const played = play();
  await changeBackend('cpu');
  await played;
  await reaches(() => useRun.getState().run.phase === 'training');
  expect(useEngine.getState().engine).toMatchObject({ phase: 'ready', info: { backend: 'cpu' } });
});

test('a run that is asked for while another backend starts is not taken away by a new one', async () => {
  engines.options = { delayMs: 50, kept: [KEPT] };
  await trainedOne();
  whenReady(() => resumeKept(KEPT.runId, false));
  await changeBackend('cpu');
  await reaches(() => runInfo(useRun.getState().run)?.runId === KEPT.runId);
  expect(runsMade()).toBe(1);
});

test('nothing is restarted while a run is brought back', async () => {
  await trainedOne();
  useKept.setState({ isBusy: true });
  await restart();
  useKept.setState({ isBusy: false });
  expect(runsMade()).toBe(1);
  expect(scalarHistory.length).toBe(1);
});

test('Play makes no other run where another tab has taken this one', async () => {
  await trainedOne();
  const info = runInfo(useRun.getState().run)!;
  useRun.setState({ run: { phase: 'failed', info, step: 1, error: { code: 'run-elsewhere' }, goesOn: false, until: 0 } });
  await play();
  await step(1);
  expect(runsMade()).toBe(1);
  expect(scalarHistory.length).toBe(1);
  await restart();
  expect(runsMade()).toBe(2);
});

test('a field that is moved and moved back before the engine has answered ends where it was left', async () => {
  await prepareRun();
  const before = useConfig.getState().running!.train.biasUpdateSpeed;
  await Promise.all([before * 2, before].map((value) => editField(SPEED, value)));
  expect(useConfig.getState().running!.train.biasUpdateSpeed).toBe(before);
  expect(useRun.getState().changes.map(({ change }) => change)).toEqual([
    { biasUpdateSpeed: before * 2 },
    { biasUpdateSpeed: before },
  ]);
});

test('a sample of a run that is gone is not shown as one of the next', async () => {
  await prepareRun();
  const writing = sampleNow('the', 3, 1, 0);
  await restart();
  await writing;
  expect(useSamples.getState()).toMatchObject({ results: [], asked: { phase: 'idle' } });
});

test('what was measured of a run is forgotten with it, of a model that stays it is kept', () => {
  const result = { step: 400 } as ValidationResult;
  for (const [model, isKept] of [
    ['live', false],
    ['checkpoint.run.400', false],
    ['shipped.5000', true],
  ] as const) {
    useHeldOut.setState({ measured: { model, result } });
    forgetFigures();
    expect(useHeldOut.getState().measured !== null, model).toBe(isKept);
  }
  useHeldOut.setState({ measured: null });
});
