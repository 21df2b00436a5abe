// Back in a run, and off from it: a step that is stood at again is the one that was there, to the bit, whichever way it is reached.
import { afterEach, describe, expect, it } from 'vitest';
import { decodeRunState, type RunState } from '../../checkpoint/runState';
import { DEFAULT_SNAPSHOTS } from '../../config/snapshotSettings';
import { parameterSpecs } from '../../model/parameters';
import { testBackend } from '../../testing/backend';
import { booted, closePages, config, phaseOf, scalarsOf, sharedPlace, trained, until, type Page } from '../../testing/enginePage';
import { valueOf } from '../../testing/fixtureModel';
import { MemoryStore } from '../../testing/memoryStore';
import { StorageFailure } from './storageFailure';
import { runName } from '../runName';

afterEach(closePages);

const settings = { ...config, train: { ...config.train, validationEvery: 0, sampleEvery: 0 } };
const untimed = (page: Page) => scalarsOf(page).map((one) => ({ ...one, stepMs: 0, workers: 0 }));

async function stateOf({ client }: Page): Promise<RunState> {
  const { file } = valueOf(await client.request({ kind: 'exportRun' }));
  return valueOf(decodeRunState(new Uint8Array(await file.arrayBuffer()), parameterSpecs));
}
async function goOn(page: Page, count: number, to: number): Promise<void> {
  valueOf(await page.client.request({ kind: 'step', count }));
  await until(() => phaseOf(page)?.phase === 'paused' && scalarsOf(page).at(-1)?.step === to);
}

/** A run of six steps with a change after the third, a checkpoint after the fourth, and its state after the second and the fifth. */
async function six() {
  const store = new MemoryStore();
  const page = await booted(null, { place: sharedPlace(store)() });
  valueOf(
    await page.client.request({
      kind: 'keepSnapshots',
      settings: { ...DEFAULT_SNAPSHOTS, everyTokens: 256, checkpointEvery: 1 },
    }),
  );
  const { runId } = await trained(page, 2, settings);
  const second = await stateOf(page);
  await goOn(page, 1, 3);
  valueOf(await page.client.request({ kind: 'change', change: { learningRate: 1e-3 } }));
  await goOn(page, 2, 5);
  const fifth = await stateOf(page);
  await goOn(page, 1, 6);
  return { page, store, runId, second, fifth };
}

describe('a step back', () => {
  it.each([
    { step: 2, from: 'the seed' },
    { step: 5, from: 'a checkpoint' },
  ] as const)('to step $step, repeated from $from, is the run that was there, and goes on as it did', async ({ step }) => {
    const { page, runId, second, fifth } = await six();
    const told = untimed(page);
    const back = valueOf(await page.client.request({ kind: 'stepBack', runId, step }));
    expect([back.step, back.info.runId]).toEqual([step, runId]);
    expect(back.history.scalars.map((one) => one.step)).toEqual(Array.from({ length: step }, (_, index) => index + 1));
    expect(await stateOf(page)).toEqual(step === 2 ? second : fifth);
    const before = scalarsOf(page).length;
    await goOn(page, 1, step + 1);
    expect(untimed(page).slice(before)).toEqual([told[step]]);
  });

  it('is what is kept from then on, without the moments that came later', async () => {
    const { page, store, runId } = await six();
    valueOf(await page.client.request({ kind: 'stepBack', runId, step: 2 }));
    const other = await booted(null, { place: sharedPlace(store)() });
    expect(valueOf(await other.client.request({ kind: 'keptRuns' })).runs).toMatchObject([{ runId, step: 2 }]);
    const { rungs } = valueOf(await other.client.request({ kind: 'runSnapshots', runId }));
    expect(rungs.every((rung) => rung.step <= 2)).toBe(true);
    expect([...store.blobs.keys()].filter((name) => name.includes('.checkpoint.'))).toEqual([]);
  });

  it('whose later moments cannot be let go of is there all the same, and the next one that is kept ends them', async () => {
    const { page, store, runId } = await six();
    const stepsKept = () => page.news.snapshots.at(-1)!.rungs.map((rung) => rung.step);
    await until(() => stepsKept().includes(4));
    const write = store.write.bind(store);
    store.write = (name, bytes) =>
      name.includes('.ladder.') ? Promise.reject(new StorageFailure('failed', 'not now')) : write(name, bytes);
    const back = valueOf(await page.client.request({ kind: 'stepBack', runId, step: 2 }));
    expect([back.step, phaseOf(page)]).toEqual([2, { phase: 'paused', step: 2 }]);
    store.write = write;
    await goOn(page, 1, 3);
    valueOf(await page.client.request({ kind: 'takeSnapshot' }));
    await until(() => stepsKept().includes(3));
    expect(stepsKept().every((step) => step <= 3)).toBe(true);
  });

  it('beyond the end of a run is refused, and leaves it where it stands', async () => {
    const { page, runId } = await six();
    const refused = await page.client.request({ kind: 'stepBack', runId, step: 7 });
    expect(!refused.ok && refused.error.code).toBe('model-unavailable');
    expect(valueOf(await page.client.request({ kind: 'resumeRun', runId, takeOver: false })).step).toBe(6);
  });
});

describe('a branch', () => {
  it('begins with the numbers of its parent, goes on with its own settings, and both are kept', async () => {
    const { page, runId, fifth } = await six();
    const changed = [
      { field: 'model.numExpertsPerTok', value: 1 },
      { field: 'train.learningRate', value: 2e-3 },
    ];
    const made = valueOf(await page.client.request({ kind: 'branchRun', runId, step: 5, changed }));
    expect([made.step, made.info.runId === runId]).toEqual([5, false]);
    const state = await stateOf(page);
    expect(state.parameters).toEqual(fifth.parameters);
    expect(state.secondMoments).toEqual(fifth.secondMoments);
    expect(state.parent).toEqual({
      runId,
      step: 5,
      changed: [
        { field: 'model.numExpertsPerTok', from: 2, to: 1 },
        { field: 'train.learningRate', from: 1e-3, to: 2e-3 },
      ],
    });
    await goOn(page, 1, 6);
    const log = valueOf(await page.client.request({ kind: 'runLog' }));
    expect([log.parent, log.config.model.numExpertsPerTok]).toEqual([{ ...state.parent, name: runName(runId) }, 1]);
    const kept = valueOf(await page.client.request({ kind: 'keptRuns' })).runs;
    expect(kept.map((run) => run.runId).sort()).toEqual([runId, made.info.runId].sort());
    expect(kept.find((run) => run.runId !== runId)?.parent).toEqual(state.parent);
    const back = valueOf(await page.client.request({ kind: 'stepBack', runId: made.info.runId, step: 5 }));
    expect(back.step).toBe(5);
    expect(await stateOf(page)).toEqual(state);
  });

  it.skipIf(testBackend() === 'webgpu')('on other text is compared with that text', async () => {
    const { page, runId } = await six();
    const before = page.news.baselines.at(-1)!.baselines;
    const changed = [{ field: 'data.chineseShare', value: 1 }];
    const { info, history } = valueOf(await page.client.request({ kind: 'branchRun', runId, step: 2, changed }));
    expect(history.baselines).toBeNull();
    await goOn(page, 1, 3);
    await until(() => page.news.baselines.at(-1)!.runId === info.runId);
    expect(page.news.baselines.at(-1)!.baselines).not.toEqual(before);
  });

  it.skipIf(testBackend() === 'webgpu')('with tensors of another shape is refused', async () => {
    const { page, runId } = await six();
    const wide = [{ field: 'model.hiddenSize', value: 32 }];
    const refused = await page.client.request({ kind: 'branchRun', runId, step: 2, changed: wide });
    expect(!refused.ok && refused.error.code).toBe('model-unavailable');
  });

  it('begins with the settings as they stood at its step, whatever was changed before it or later', async () => {
    const { page, runId } = await six();
    valueOf(await page.client.request({ kind: 'change', change: { learningRate: 5e-3, biasUpdateSpeed: 0.02 } }));
    await goOn(page, 1, 7);
    const then = { learningRate: 1e-3, biasUpdateSpeed: settings.train.biasUpdateSpeed };
    const moment = { kind: 'checkpoint', runId, step: 4 } as const;
    expect(valueOf(await page.client.request({ kind: 'momentConfig', moment })).train).toEqual({ ...settings.train, ...then });
    const changed = [{ field: 'train.balanceMode', value: 'none' }];
    const made = valueOf(await page.client.request({ kind: 'branchRun', runId, step: 5, changed }));
    expect(made.config.train).toEqual({ ...settings.train, ...then, balanceMode: 'none' });
    const { config: own, changes, parent } = await stateOf(page);
    expect([own, changes]).toEqual([made.config, []]);
    expect(parent?.changed).toEqual([{ field: 'train.balanceMode', from: settings.train.balanceMode, to: 'none' }]);
  });

  it.skipIf(testBackend() === 'webgpu')(
    'with a setting that there is not, or that cannot be, is refused and ends no run',
    async () => {
      const { page, runId } = await six();
      for (const [field, rule] of [
        ['train.mystery', 'unknown'],
        ['train.learningRate', 'range'],
      ] as const) {
        const changed = [{ field, value: 1e9 }];
        const refused = await page.client.request({ kind: 'branchRun', runId, step: 2, changed });
        expect(!refused.ok && refused.error.fields).toMatchObject([{ field, rule }]);
      }
      await goOn(page, 1, 7);
    },
  );
});
