// Kept runs as the page offers them, and what is there again once one is brought back.
import { afterEach, expect, test, vi } from 'vitest';
import { PRESETS } from '../config/presets';
import type { KeptRun } from '../protocol/kept';
import { useFakeEngines } from '../testing/fakeWorker';
import { useConfig } from './config';
import { bootEngine, stopEngine } from './connect';
import {
  askRunFile,
  clearKeeping,
  discardKept,
  dismissLetGo,
  listedRuns,
  offeredRuns,
  pinKept,
  receiveLetGo,
  useKept,
} from './kept';
import { rememberKept, useKeptLast } from './lastKept';
import { openRunFile, resumeKept } from './resume';
import { runStep, useRun } from './run';
import { step } from './runActions';
import { useSamples } from './samples';
import { scalarHistory } from './scalars';
import { useValidation } from './validation';

const engines = useFakeEngines();
afterEach(() => {
  stopEngine();
  useRun.setState({ run: { phase: 'none' } });
  useKept.setState({
    kept: { place: 'files', runs: [], next: [], error: null },
    letGo: [],
    keeping: null,
    problem: null,
    differs: [],
    passedOver: null,
  });
});

const entry = (runId: string, isElsewhere = false): KeptRun => ({
  runId,
  name: `calm ${runId}`,
  step: 40,
  savedAt: 1000,
  backend: 'wasm',
  isElsewhere,
  isPinned: false,
});
const offered = (): string[] => offeredRuns(useRun.getState().run, useKept.getState()).map(({ runId }) => runId);
const reaches = (condition: () => boolean) => vi.waitFor(() => expect(condition()).toBe(true), { timeout: 3000, interval: 5 });

/** Trains a new run `count` steps. */
async function trained(count: number): Promise<void> {
  await step(count);
  await reaches(() => useRun.getState().run.phase === 'paused' && runStep(useRun.getState().run) === count);
}

async function bootedWith(...kept: KeptRun[]): Promise<void> {
  engines.options = { kept };
  await bootEngine();
  await reaches(() => useKept.getState().kept.runs.length === kept.length);
}

test('a kept run is offered while the page has none, and not beside one', async () => {
  await bootedWith(entry('a'), entry('b'));
  expect(offered()).toEqual(['a', 'b']);
  useKept.setState({ isRecovering: true });
  expect(offered()).toEqual([]);
  useKept.setState({ isRecovering: false });
  await trained(1);
  expect(offered()).toEqual([]);
});

test('a resumed run stands paused where it was saved, with its figures, its settings and what differs', async () => {
  await bootedWith(entry('a'));
  expect(await resumeKept('a', false)).toBe(true);
  expect(useRun.getState().run).toMatchObject({ phase: 'paused', step: 40, info: { runId: 'a', name: 'calm a' } });
  expect([...scalarHistory.column('loss')]).toEqual([4.25]);
  expect([...scalarHistory.column('maxVio')]).toEqual([0.5]);
  expect(useValidation.getState().baselines?.bigram).toBe(4.6);
  expect(useSamples.getState().results.map(({ text }) => text)).toEqual(['The yard']);
  expect([useConfig.getState().running, useConfig.getState().draft]).toEqual([PRESETS.default, PRESETS.default]);
  expect([useKept.getState().differs, offered()]).toEqual([['backend'], []]);
  await step(2);
  await reaches(() => scalarHistory.length === 3);
  expect([...scalarHistory.column('step')]).toEqual([40, 41, 42]);
});

test('a run of another tab is refused until it is taken over', async () => {
  await bootedWith(entry('a', true));
  expect(await resumeKept('a', false)).toBe(false);
  expect(useKept.getState().problem?.code).toBe('run-elsewhere');
  expect(await resumeKept('a', true)).toBe(true);
  expect(useKept.getState().problem).toBeNull();
});

test('a run that was left to another tab is listed as open there, and not offered as if it rested', async () => {
  await bootedWith(entry('a'), entry('b'));
  await resumeKept('a', false);
  const { run } = useRun.getState();
  const info = 'info' in run ? run.info : null;
  useRun.setState({
    run: { phase: 'failed', info: info!, step: 40, error: { code: 'run-elsewhere' }, goesOn: false, until: 0 },
  });
  const listed = listedRuns(useRun.getState().run, useKept.getState());
  expect(listed.map(({ runId, isElsewhere }) => [runId, isElsewhere])).toEqual([
    ['a', true],
    ['b', false],
  ]);
  expect(offered()).toEqual(['b']);
});

test('the warm-up that follows a start does not come between a run and its return', async () => {
  await bootEngine();
  await reaches(() => engines.commands.includes('warmUp'));
  stopEngine();
  engines.commands = [];
  useKept.setState({ isBusy: true });
  await bootEngine();
  await new Promise((resolve) => setTimeout(resolve, 30));
  useKept.setState({ isBusy: false });
  expect(engines.commands).toContain('keptRuns');
  expect(engines.commands).not.toContain('warmUp');
});

test('a discarded run is offered no more', async () => {
  await bootedWith(entry('a'), entry('b'));
  await discardKept('a');
  expect(offered()).toEqual(['b']);
});

test('a pinned run is listed as such, until it is no longer', async () => {
  await bootedWith(entry('a'), entry('b'));
  const pinned = () => useKept.getState().kept.runs.flatMap(({ runId, isPinned }) => (isPinned ? [runId] : []));
  await pinKept('b', true);
  expect(pinned()).toEqual(['b']);
  await pinKept('b', false);
  expect([pinned(), useKept.getState().problem]).toEqual([[], null]);
});

test('a run that gave way is named until that is closed, is listed no more, and nobody else is said to have deleted it', async () => {
  await bootedWith(entry('a'), entry('b'));
  rememberKept(entry('a'));
  receiveLetGo([entry('a')]);
  expect([useKept.getState().letGo.map(({ name }) => name), offered()]).toEqual([['calm a'], ['b']]);
  expect(useKeptLast.getState().last).toBeNull();
  receiveLetGo([entry('c')]);
  clearKeeping();
  expect(useKept.getState().letGo.map(({ runId }) => runId)).toEqual(['a', 'c']);
  dismissLetGo();
  expect(useKept.getState().letGo).toEqual([]);
});

test('a file that is no run is named, and the run before it stays', async () => {
  await bootedWith();
  await trained(1);
  expect(await openRunFile(new Blob(['x']))).toBe(false);
  expect(useKept.getState().problem).toMatchObject({ code: 'run-unreadable', detail: 'container: 1 bytes' });
  expect(useRun.getState().run.phase).toBe('paused');
});

test('the run is given out under its name and step', async () => {
  await bootedWith();
  await trained(3);
  const given = await askRunFile();
  expect(given!.name).toMatch(/^run-[a-z]+-[a-z]+-step-3\.safetensors$/);
  expect(await given!.file.text()).toBe('state');
});
