// The stores against an engine that only speaks the protocol.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findField } from '../config/fields';
import { PRESETS } from '../config/presets';
import { useFakeEngines } from '../testing/fakeWorker';
import { useBatch } from './batch';
import { choosePreset, setDraft, useConfig, waitingForRestart } from './config';
import { bootEngine, cancelBoot, stopEngine } from './connect';
import { useCorpus } from './corpus';
import { useEngine } from './engine';
import { expertTrajectory, routingAt, routingBuffer, routingIndex, summedLoad } from './routing';
import { runInfo, runStep, useRun } from './run';
import { cancelPreparing, changeBackend, editField, pause, play, prepareRun, restart, step } from './runActions';
import { clippedShare, medianStepMs, scalarHistory, useScalars } from './scalars';
import { fitSelection, pinExpert, useSelection } from './selection';
import { useValidation } from './validation';

const engines = useFakeEngines();
beforeEach(() => choosePreset('default'));
afterEach(() => {
  stopEngine();
  useRun.setState({ run: { phase: 'none' } });
});

const reaches = (condition: () => boolean) => vi.waitFor(() => expect(condition()).toBe(true), { timeout: 3000, interval: 5 });
const field = (path: string) => findField(path)!;

test('Play on a bare page boots, prepares and trains; every event lands in its store', async () => {
  setDraft({ ...PRESETS.default, train: { ...PRESETS.default.train, validationEvery: 4 } });
  await play();
  await reaches(
    () => useScalars.getState().version > 0 && runStep(useRun.getState().run) >= 8 && useValidation.getState().results.length > 0,
  );
  await pause();
  await reaches(() => useRun.getState().run.phase === 'paused' && scalarHistory.length === runStep(useRun.getState().run));
  expect(useCorpus.getState().corpus.phase).toBe('ready');
  expect([...scalarHistory.column('step').slice(0, 3)]).toEqual([1, 2, 3]);
  expect(routingBuffer.length).toBe(scalarHistory.length);
  expect(useBatch.getState().window?.tokens).toBe(PRESETS.default.train.sequenceLength);
  expect(medianStepMs()).toBe(5);
  expect(clippedShare()).toBeGreaterThan(0);
  expect(scalarHistory.column('maxVio').every(Number.isFinite)).toBe(true);
});

test('a step count is trained exactly, then the run pauses', async () => {
  await step(3);
  await reaches(() => useRun.getState().run.phase === 'paused' && scalarHistory.length === 3);
  expect(runStep(useRun.getState().run)).toBe(3);
});

test('restarting makes a new run from nothing and repeats its figures', async () => {
  await step(2);
  await reaches(() => scalarHistory.length === 2);
  const first = [...scalarHistory.column('loss')];
  const id = runInfo(useRun.getState().run)?.runId;
  await restart();
  expect(scalarHistory.length).toBe(0);
  expect(runInfo(useRun.getState().run)?.runId).not.toBe(id);
  await step(2);
  await reaches(() => scalarHistory.length === 2);
  expect([...scalarHistory.column('loss')]).toEqual(first);
});

test('a live field changes the run and its log, another waits for the restart', async () => {
  await prepareRun();
  await editField(field('train.biasUpdateSpeed'), 0.02);
  expect(useConfig.getState().running?.train.biasUpdateSpeed).toBe(0.02);
  expect(useRun.getState().changes).toEqual([{ step: 0, change: { biasUpdateSpeed: 0.02 } }]);
  await editField(field('train.batchSize'), 32);
  expect(useConfig.getState().running?.train.batchSize).toBe(16);
  expect(waitingForRestart(useConfig.getState()).map(({ path }) => path)).toEqual(['train.batchSize']);
  await restart();
  expect(waitingForRestart(useConfig.getState())).toEqual([]);
  expect(useConfig.getState().running?.train.batchSize).toBe(32);
});

test('an invalid draft makes no run and says which field', async () => {
  await editField(field('model.numExpertsPerTok'), 99);
  expect(await prepareRun()).toBe(false);
  expect(useRun.getState().problem?.code).toBe('invalid-config');
  expect(useRun.getState().problem?.fields?.[0]?.field).toBe('model.numExpertsPerTok');
});

test('booting and preparing can be cancelled', async () => {
  engines.options = { delayMs: 10_000 };
  const boot = bootEngine('auto');
  cancelBoot();
  await boot;
  expect(useEngine.getState().engine.phase).toBe('off');
  engines.options = { delayMs: 300 };
  const preparing = prepareRun();
  await reaches(() => useRun.getState().run.phase === 'preparing');
  cancelPreparing();
  expect(await preparing).toBe(false);
  expect(useRun.getState().run.phase).toBe('none');
});

test('a worker that dies is reported at once, its run is lost, its figures stay, and the engine can start again', async () => {
  await step(2);
  await reaches(() => scalarHistory.length === 2);
  engines.workers[0]!.dispatchEvent(Object.assign(new Event('error'), { message: 'out of stack' }));
  expect(useEngine.getState().engine).toEqual({ phase: 'failed', error: { code: 'engine-crashed', detail: 'out of stack' } });
  expect(useRun.getState().run.phase).toBe('lost');
  expect(scalarHistory.length).toBe(2);
  await play();
  await reaches(() => useRun.getState().run.phase === 'training');
});

test('Play goes on with a run that a fault stopped, and makes a new one where the device that held it is gone', async () => {
  await step(2);
  await reaches(() => scalarHistory.length === 2);
  const first = runInfo(useRun.getState().run)!;
  useRun.setState({
    run: {
      phase: 'failed',
      info: first,
      step: 2,
      error: { code: 'non-finite-step', detail: '' },
      goesOn: true,
      until: Infinity,
    },
  });
  await step(1);
  await reaches(() => scalarHistory.length === 3);
  expect(runInfo(useRun.getState().run)!.runId).toBe(first.runId);
  useRun.setState({
    run: { phase: 'failed', info: first, step: 3, error: { code: 'device-lost', detail: '' }, goesOn: false, until: Infinity },
  });
  await play();
  await reaches(() => useRun.getState().run.phase === 'training');
  expect(runInfo(useRun.getState().run)!.runId).not.toBe(first.runId);
});

test('a backend that will not start is named; nothing pretends to run', async () => {
  engines.options = { bootError: { code: 'backend-unavailable', detail: 'no SIMD' } };
  await play();
  expect(useEngine.getState().engine).toEqual({ phase: 'failed', error: { code: 'backend-unavailable', detail: 'no SIMD' } });
  expect(useRun.getState().run.phase).toBe('none');
});

test('another backend makes the run anew there', async () => {
  await step(2);
  await reaches(() => scalarHistory.length === 2);
  await changeBackend('cpu');
  expect(useEngine.getState().engine).toMatchObject({ phase: 'ready', info: { backend: 'cpu', reason: 'chosen' } });
  expect(useRun.getState().run).toMatchObject({ phase: 'paused', step: 0 });
});

test('Play during a start joins it instead of starting another engine', async () => {
  engines.options = { delayMs: 50 };
  const boot = bootEngine('auto');
  await Promise.all([boot, play()]);
  await reaches(() => useRun.getState().run.phase === 'training');
  expect(engines.workers).toHaveLength(1);
});

test('a step that fails stops the run and is named', async () => {
  engines.options = { failAt: 3 };
  await play();
  await reaches(() => useRun.getState().run.phase === 'failed');
  expect(useRun.getState().run).toMatchObject({ step: 2, error: { code: 'non-finite-step', detail: 'loss at step 3' } });
});

test('a dense model has scalars and no routing', async () => {
  choosePreset('dense');
  await step(2);
  await reaches(() => scalarHistory.length === 2);
  expect(routingBuffer.length).toBe(0);
  expect(scalarHistory.column('maxVio').every(Number.isNaN)).toBe(true);
});

test('the scrubber finds a kept step, clamps a forgotten one, and averages only what came before', async () => {
  await step(6);
  await reaches(() => routingBuffer.length === 6);
  expect(routingAt(4)?.step).toBe(4);
  expect(routingAt('live')?.step).toBe(6);
  expect(routingIndex(-5)).toBe(0);
  const { load, steps } = summedLoad(routingIndex(2), 20);
  expect(steps).toBe(2);
  expect(load[0]).toBe(routingAt(1)!.load[0]! + routingAt(2)!.load[0]!);
  expect([...expertTrajectory('load', 0, 0).steps]).toEqual([1, 2, 3, 4, 5, 6]);
});

test('a pinned expert is let go by pinning it again, and by a run that has fewer', () => {
  pinExpert(20);
  expect(useSelection.getState().pinnedExpert).toBe(20);
  fitSelection(3, 16);
  expect(useSelection.getState().pinnedExpert).toBeNull();
  pinExpert(2);
  pinExpert(2);
  expect(useSelection.getState().pinnedExpert).toBeNull();
});
