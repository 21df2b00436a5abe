// Which moments of a run are kept, and what is asked about them.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Rung } from '../checkpoint/ladder';
import { PRESETS } from '../config/presets';
import { err, ok } from '../core/result';
import type { Command } from '../protocol/commands';
import type { ModelRef, RunMoment } from '../protocol/modelRef';
import { chooseModel, useChosenModel } from './chosenModel';
import { setConnection } from './engine';
import { clearTimeline, loadMomentConfig, receiveSnapshots, useTimeline } from './timeline';

const asked: Command[] = [];
let refuse = false;
const at = (step: number, runId = 'r'): RunMoment => ({ kind: 'checkpoint', runId, step });
const keep = (steps: readonly number[], isFromSeed = true): void =>
  receiveSnapshots({
    runId: 'r',
    isFromSeed,
    missed: 0,
    rungs: steps.map((step): Rung => ({ step, kind: 'snapshot', bytes: 1, sha256: '', savedAt: 0, isPinned: false })),
    error: null,
  });

beforeEach(() => {
  asked.length = 0;
  refuse = false;
  chooseModel(null);
  clearTimeline();
  useTimeline.setState(useTimeline.getInitialState(), true);
  const request = (command: Command) => {
    asked.push(command);
    return Promise.resolve(refuse ? err({ code: 'storage-damaged' as const }) : ok(PRESETS.default));
  };
  setConnection({ client: { request, subscribe: () => () => {}, close: () => {} }, stop: () => {} } as never);
});
afterEach(() => setConnection(null));

test('a chosen moment that is thinned away gives way to now; one that is kept stays', () => {
  keep([4, 8]);
  chooseModel(at(4));
  keep([4, 8, 16]);
  expect(useChosenModel.getState().model).toEqual(at(4));
  keep([8, 16]);
  expect(useChosenModel.getState().model).toBeNull();
});

test('step 0 lasts as long as the seed draws it', () => {
  chooseModel(at(0));
  keep([8]);
  expect(useChosenModel.getState().model).toEqual(at(0));
  keep([8], false);
  expect(useChosenModel.getState().model).toBeNull();
});

test('moments of one run say nothing about models of elsewhere', () => {
  const others: readonly ModelRef[] = [
    at(4, 'other'),
    { kind: 'shipped', step: 4 },
    { kind: 'imported', id: 'i' },
    { kind: 'live' },
  ];
  for (const model of others) {
    chooseModel(model);
    keep([8]);
    expect(useChosenModel.getState().model).toEqual(model);
  }
});

test('the settings of a moment are read once for all that show them, and again after a failure or in another run', async () => {
  expect(await Promise.all([loadMomentConfig(at(4)), loadMomentConfig(at(4))])).toEqual(Array(2).fill(ok(PRESETS.default)));
  expect(asked).toEqual([{ kind: 'momentConfig', moment: at(4) }]);
  refuse = true;
  expect(await loadMomentConfig(at(8))).toEqual(err({ code: 'storage-damaged' }));
  refuse = false;
  expect(await loadMomentConfig(at(8))).toEqual(ok(PRESETS.default));
  clearTimeline();
  await loadMomentConfig(at(8));
  expect(asked).toHaveLength(4);
});
