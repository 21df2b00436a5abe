// A copy that does not end: said after a minute of training, and gone once it ends. Moments that nobody could take in time are counted.
import { describe, expect, it } from 'vitest';
import type { RunConfig } from '../../config/trainConfig';
import type { Keeping } from '../../protocol/kept';
import type { RunSnapshots } from '../../protocol/snapshots';
import { config } from '../../testing/enginePage';
import type { TrainerState } from '../../training/state';
import { HistoryRecord } from './historyRecord';
import { RunKeeper, type KeeperParts } from './runKeeper';

const identity = { backend: 'wasm', kernels: 'x', build: 'x', corpus: 'x', tokenizer: 'x' } as const;
/** Moments after every step. */
const settings = { everyTokens: 1, checkpointEvery: 1000, type: 'BF16', budgetMb: 160 } as const;

/** A keeper whose copies wait until they are failed, and all that it told. */
function keeper(model: Partial<RunConfig['model']> = {}) {
  const told: Keeping[] = [];
  const moments: RunSnapshots[] = [];
  const clock = { now: 0 };
  const fail: ((reason: Error) => void)[] = [];
  const never = <T>(): Promise<T> => new Promise<T>((_, reject) => fail.push(reject));
  const whole: RunConfig = { ...config, model: { ...config.model, ...model } };
  const parts: KeeperParts = {
    keep: () => never(),
    about: { runId: 'run-1', config: whole, identity },
    history: new HistoryRecord(),
    capture: () => never<TrainerState>(),
    clock: () => clock.now,
    now: () => 0,
    tell: (keeping) => void told.push(keeping),
    tellLetGo: () => undefined,
    holder: { onAsked: () => Promise.resolve(), onTaken: () => undefined },
    hold: null,
    saved: 3,
    ladder: {
      rungs: [],
      cutAfter: null,
      settings: () => settings,
      train: () => whole.train,
      captureWeights: () => never(),
      tell: (snapshots) => void moments.push(snapshots),
    },
  };
  return { keeper: new RunKeeper(parts), told, moments, clock, fail };
}

describe('a copy that does not end', () => {
  it('is said after a minute of training, once, whatever holds it up', () => {
    const { keeper: kept, told, moments, clock } = keeper();
    clock.now = 5000;
    kept.afterStep(4);
    clock.now = 64_999;
    kept.afterStep(5);
    expect([told.at(-1)!.error, moments.at(-1)!.error]).toEqual([null, null]);
    clock.now = 65_000;
    kept.afterStep(6);
    kept.afterStep(7);
    expect(told.map(({ error }) => error)).toEqual([null, { code: 'storage-stuck', detail: '3' }]);
    expect(moments.map(({ error }) => error)).toEqual([null, { code: 'storage-stuck', detail: '0' }]);
  });

  it('that ends after all is told as what it came to', async () => {
    const { keeper: kept, told, clock, fail } = keeper();
    clock.now = 5000;
    kept.afterStep(4);
    clock.now = 65_000;
    kept.afterStep(5);
    for (const one of fail) one(new Error('as it says'));
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(told.at(-1)!.error).toMatchObject({ code: 'storage-failed' });
  });
});

describe('moments that come faster than they can be kept', () => {
  it('are counted, and the count is told', () => {
    // Some 45 MB each, and 64 may wait.
    const { keeper: kept, moments } = keeper({ vocabSize: 700_000 });
    for (const step of [1, 2, 3]) kept.afterStep(step);
    expect(moments.map(({ missed }) => missed)).toEqual([0, 1, 2]);
  });

  it('small ones wait', () => {
    const { keeper: kept, moments } = keeper();
    for (const step of [1, 2, 3]) kept.afterStep(step);
    expect(moments.map(({ missed }) => missed)).toEqual([0]);
  });
});
