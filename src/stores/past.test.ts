// A branch has its past: the moments of the runs it came from, up to where each was left.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Rung } from '../checkpoint/ladder';
import { err, ok } from '../core/result';
import type { Command } from '../protocol/commands';
import { setConnection } from './engine';
import { clearPast, loadPast, rungsAt, usePast } from './past';
import { setRun, type Run } from './run';

const rung = (step: number): Rung => ({ step, kind: 'snapshot', bytes: 1, sha256: '', savedAt: 0, isPinned: false });
const kept = (runId: string, parent?: { runId: string; step: number }) => ({
  ...{ runId, name: runId, step: 9, savedAt: 0, backend: 'wasm', isElsewhere: false },
  ...(parent && { parent: { ...parent, changed: [] } }),
});
let runs: ReturnType<typeof kept>[] = [];

beforeEach(() => {
  clearPast();
  setRun({ phase: 'paused', info: { runId: 'leaf' }, step: 9 } as unknown as Run);
  const request = (command: Command) =>
    Promise.resolve(
      command.kind === 'keptRuns'
        ? ok({ place: 'files', runs, error: null })
        : command.kind === 'runSnapshots' && command.runId !== 'gone'
          ? ok({ runId: command.runId, isFromSeed: command.runId === 'root', rungs: [4, 8].map(rung), missed: 0, error: null })
          : err({ code: 'model-unavailable' as const }),
    );
  setConnection({ client: { request, subscribe: () => () => {}, close: () => {} }, stop: () => {} } as never);
});
afterEach(() => {
  setConnection(null);
  setRun({ phase: 'none' });
});
const past = () => usePast.getState().past.map(({ runId, until }) => `${runId} until ${until}`);

test('the runs a branch came from are there, the earliest first, with where each was left', async () => {
  runs = [kept('leaf', { runId: 'middle', step: 7 }), kept('middle', { runId: 'root', step: 5 }), kept('root')];
  await loadPast('leaf');
  expect(past()).toEqual(['root until 5', 'middle until 7']);
  expect(rungsAt({ runId: 'root', step: 4 }, null, usePast.getState().past)).toEqual([rung(4)]);
  expect(rungsAt({ runId: 'other', step: 4 }, null, usePast.getState().past)).toEqual([]);
});

test('it ends where a run is kept no longer, and at a run that names itself', async () => {
  runs = [kept('leaf', { runId: 'middle', step: 7 }), kept('middle', { runId: 'gone', step: 5 })];
  await loadPast('leaf');
  expect(past()).toEqual(['middle until 7']);
  runs = [kept('leaf', { runId: 'middle', step: 7 }), kept('middle', { runId: 'leaf', step: 5 })];
  await loadPast('leaf');
  expect(past()).toEqual(['middle until 7']);
});

test('what comes for a run that is no longer the page’s is not shown', async () => {
  runs = [kept('leaf', { runId: 'root', step: 7 }), kept('root')];
  const loading = loadPast('leaf');
  setRun({ phase: 'none' });
  await loading;
  expect(past()).toEqual([]);
});
