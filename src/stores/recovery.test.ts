// A lost run as the page brings it back: by itself once, from the newest that was kept, and not again and again.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { KeptRun } from '../protocol/kept';
import type { Rung } from '../checkpoint/ladder';
import { useFakeEngines } from '../testing/fakeWorker';
import { findField } from '../config/fields';
import { useConfig, waitingForRestart } from './config';
import { bootEngine, stopEngine } from './connect';
import { useEngine } from './engine';
import { useKept } from './kept';
import { discardLost, dismissRecovery, lostRun, moveTo, recover, useRecovery } from './recovery';
import { runInfo, runStep, useRun, type Run } from './run';
import { editField, step } from './runActions';
import { useTimeline } from './timeline';

const engines = useFakeEngines();
let now = 0;
beforeEach(() => {
  // Far enough from the losses of the tests before.
  now += 1e6;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  vi.restoreAllMocks();
  stopEngine();
  dismissRecovery();
  useRun.setState({ run: { phase: 'none' } });
  useTimeline.setState({ snapshots: null });
});

const reaches = (condition: () => boolean) => vi.waitFor(() => expect(condition()).toBe(true), { timeout: 3000, interval: 5 });
const run = (): Run => useRun.getState().run;
const recovery = () => useRecovery.getState().recovery;

/** A run at step 3, kept at step `saved`. */
async function runKeptAt(saved: number | null): Promise<string> {
  await bootEngine();
  await step(3);
  await reaches(() => run().phase === 'paused' && runStep(run()) === 3);
  const { runId, name } = runInfo(run())!;
  const entry: KeptRun = { runId, name, step: saved ?? 0, savedAt: 1, backend: 'wasm', isElsewhere: false, isPinned: false };
  engines.options = { kept: saved === null ? [] : [entry] };
  useKept.setState({ keeping: { runId, saved, error: null } });
  return runId;
}
const die = (): void => void engines.workers.at(-1)!.dispatchEvent(Object.assign(new Event('error'), { message: 'died' }));

test('a run whose engine died is back by itself, at the newest step that was kept, and the page says why', async () => {
  const runId = await runKeptAt(2);
  die();
  expect(run()).toMatchObject({ phase: 'lost', step: 3, error: { code: 'engine-crashed', detail: 'died' } });
  await reaches(() => recovery().phase === 'back');
  expect(recovery()).toMatchObject({ lostAt: 3, step: 2, cause: { code: 'engine-crashed' } });
  expect(run()).toMatchObject({ phase: 'paused', step: 2, info: { runId } });
  expect(engines.workers.length).toBe(2);
});

test('what it was to train to is trained', async () => {
  await runKeptAt(2);
  const { info } = run() as Extract<Run, { phase: 'paused' }>;
  useRun.setState({ run: { phase: 'training', info, step: 3, until: 6 } });
  die();
  await reaches(() => run().phase === 'paused' && runStep(run()) === 6);
});

test('where nothing was kept it begins again from its seed', async () => {
  await runKeptAt(null);
  engines.commands = [];
  die();
  await reaches(() => recovery().phase === 'back');
  expect(recovery()).toMatchObject({ lostAt: 3, step: 0 });
  expect(run()).toMatchObject({ phase: 'paused', step: 0 });
  expect(engines.commands).toContain('createRun');
  expect(engines.commands).not.toContain('resumeRun');
  expect(runInfo(run())!.config.train.shards).toBeGreaterThan(0);
  expect(waitingForRestart(useConfig.getState())).toEqual([]);
});

test('where nothing was kept it begins again as it was, whatever the next run is to be', async () => {
  await runKeptAt(null);
  const { seed } = runInfo(run())!.config.train;
  const changes = [{ step: 2, change: { learningRate: 5e-3 } }];
  useRun.setState({ changes });
  await editField(findField('train.seed')!, seed + 1);
  die();
  await reaches(() => recovery().phase === 'back');
  expect(runInfo(run())!.config.train.seed).toBe(seed);
  expect(useRun.getState().changes).toEqual(changes);
  expect(engines.newest.get('createRun')).toMatchObject({ replay: changes });
  expect(useConfig.getState().draft.train.seed).toBe(seed + 1);
});

test('lost again within a minute it waits for a person, who goes on, here or elsewhere, or lets go of it', async () => {
  const runId = await runKeptAt(2);
  die();
  await reaches(() => recovery().phase === 'back');
  useKept.setState({ keeping: { runId, saved: 2, error: null } });
  now += 59_000;
  die();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([run().phase, engines.workers.length]).toEqual(['lost', 2]);
  expect(await recover('wasm')).toBe(true);
  expect([useEngine.getState().choice, run().phase, runStep(run())]).toEqual(['wasm', 'paused', 2]);
  useKept.setState({ keeping: { runId, saved: 2, error: null } });
  die();
  await discardLost();
  expect([run().phase, useKept.getState().kept.runs]).toEqual(['none', []]);
});

test('a run that is back can move to another backend, also before the engine has said again that it is kept', async () => {
  await runKeptAt(2);
  die();
  await reaches(() => recovery().phase === 'back');
  useKept.setState({ keeping: null });
  expect(await moveTo('cpu')).toBe(true);
  expect([useEngine.getState().choice, run().phase, runStep(run())]).toEqual(['cpu', 'paused', 2]);
});

test('an engine that was ended on purpose stays ended', async () => {
  await runKeptAt(2);
  stopEngine();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([run().phase, recovery().phase, engines.workers.length]).toEqual(['lost', 'none', 1]);
});

test('the newest that was kept is the later of safety copy and checkpoint; a snapshot cannot be gone on from', async () => {
  const runId = await runKeptAt(2);
  const { info } = run() as Extract<Run, { phase: 'paused' }>;
  const lost: Run = { phase: 'lost', info, step: 3, error: null, until: 0 };
  const rung = (kind: Rung['kind'], at: number): Rung => ({ kind, step: at, bytes: 1, sha256: '', savedAt: 0, isPinned: false });
  const told = (rungs: readonly Rung[], of = runId) => ({ runId: of, isFromSeed: true, rungs, missed: 0, error: null });
  const keeping = { runId, saved: 2, error: null };
  expect(lostRun(lost, keeping, told([rung('checkpoint', 3)]))).toEqual({ runId, saved: 3 });
  expect(lostRun(lost, keeping, told([rung('checkpoint', 1), rung('snapshot', 3)]))).toEqual({ runId, saved: 2 });
  expect(lostRun(lost, null, told([rung('checkpoint', 3)], 'other'))).toEqual({ runId, saved: null });
  expect(lostRun(run(), keeping, null)).toBeNull();
});
