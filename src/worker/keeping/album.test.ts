// Moments of a run that are kept while it trains, over the whole door: what is in their files, what they answer, what goes again.
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_SNAPSHOTS, type SnapshotSettings } from '../../config/snapshotSettings';
import type { Rung } from '../../checkpoint/ladder';
import type { Page } from '../../testing/enginePage';
import { booted, closePages, config, scalarsOf, sharedPlace, trained, until } from '../../testing/enginePage';
import { valueOf } from '../../testing/fixtureModel';
import { MemoryStore } from '../../testing/memoryStore';
import { StorageFailure } from './storageFailure';

afterEach(closePages);

/** Tokens of a step: 4 sequences of 16. */
const STEP = 64;
const SPACING: SnapshotSettings = { ...DEFAULT_SNAPSHOTS, everyTokens: 2 * STEP, checkpointEvery: 2, type: 'F32' };
const settings = { ...config, train: { ...config.train, validationEvery: 0, sampleEvery: 0 } };

const told = ({ news }: Page) => news.snapshots.at(-1);
const stepsOf = (rungs: readonly Rung[], kind: Rung['kind']): number[] =>
  rungs.filter((rung) => rung.kind === kind).map(({ step }) => step);
const kept = (page: Page, kind: Rung['kind'], steps: readonly number[]): Promise<void> =>
  until(() => stepsOf(told(page)?.rungs ?? [], kind).join() === steps.join());

async function opened(store: MemoryStore, spacing: Partial<SnapshotSettings> = {}): Promise<Page> {
  const page = await booted(null, { place: sharedPlace(store, () => 7)() });
  valueOf(await page.client.request({ kind: 'keepSnapshots', settings: { ...SPACING, ...spacing } }));
  return page;
}
const trace = (page: Page, runId: string | null, step = 0) =>
  page.client.request({
    kind: 'trace',
    question: {
      model: runId === null ? { kind: 'live' } : { kind: 'checkpoint', runId, step },
      text: 'the points are set',
      continuation: [],
      interventions: [],
    },
    lens: false,
  });

describe('moments of a run', () => {
  it('are kept by tokens, and answer as the run did when it stood there', async () => {
    const store = new MemoryStore();
    const page = await opened(store);
    const { runId } = await trained(page, 2, settings);
    const then = valueOf(await trace(page, null));
    valueOf(await page.client.request({ kind: 'step', count: 3 }));
    await kept(page, 'snapshot', [1, 2, 4]);
    await kept(page, 'checkpoint', [4]);
    const again = valueOf(await trace(page, runId, 2));
    expect(again.step).toBe(2);
    expect(again.baseline).toEqual(then.baseline);
    expect(valueOf(await trace(page, runId, 4)).baseline).not.toEqual(then.baseline);
    const missing = await trace(page, runId, 3);
    expect(!missing.ok && missing.error).toEqual({ code: 'model-unavailable', detail: 'nothing is kept of step 3' });
    const other = await booted(null, { place: sharedPlace(store)() });
    expect(valueOf(await other.client.request({ kind: 'runSnapshots', runId })).rungs).toEqual(told(page)!.rungs);
    expect(valueOf(await trace(other, runId, 2)).baseline).toEqual(then.baseline);
  });

  it('begin with step 0, which takes no room', async () => {
    const store = new MemoryStore();
    const page = await opened(store, { everyTokens: 0 });
    const { runId } = valueOf(await page.client.request({ kind: 'createRun', config: settings }));
    const then = valueOf(await trace(page, null));
    valueOf(await page.client.request({ kind: 'step', count: 1 }));
    expect(valueOf(await trace(page, runId, 0)).baseline).toEqual(then.baseline);
    expect(told(page)).toMatchObject({ isFromSeed: true, rungs: [] });
  });

  it('one that is asked for is kept with all it takes to go on from it, and stays', async () => {
    const page = await opened(new MemoryStore(), { everyTokens: 0 });
    await trained(page, 2, settings);
    valueOf(await page.client.request({ kind: 'takeSnapshot' }));
    await until(() => told(page)?.rungs.length === 2);
    const { loss } = scalarsOf(page).at(-1)!;
    expect(told(page)!.rungs).toMatchObject([
      { kind: 'checkpoint', step: 2, isPinned: true, savedAt: 7, loss },
      { kind: 'snapshot', step: 2, isPinned: true, savedAt: 7, loss },
    ]);
  });

  it('give way when room runs out, and a discarded run leaves nothing behind', async () => {
    const store = new MemoryStore();
    // A snapshot has some 280 kB, a checkpoint 850.
    const page = await opened(store, { everyTokens: STEP, budgetMb: 3 });
    const { runId } = await trained(page, 9, settings);
    await until(() => told(page)?.rungs.at(-1)?.step === 9);
    const { rungs, error } = told(page)!;
    expect(error).toBe(null);
    const bytes = (kind: Rung['kind']) => rungs.filter((one) => one.kind === kind).reduce((sum, one) => sum + one.bytes, 0);
    expect(bytes('snapshot')).toBeLessThanOrEqual(1e6);
    expect(bytes('checkpoint')).toBeLessThanOrEqual(2e6);
    expect(stepsOf(rungs, 'snapshot').at(-1)).toBe(9);
    const files = [...store.blobs.keys()].filter((name) => /\.(snapshot|checkpoint)\./.test(name)).sort();
    expect(files).toEqual(rungs.map(({ kind, step }) => `${runId}.${kind}.${step}`).sort());
    const successor = await trained(page, 1, settings);
    valueOf(await page.client.request({ kind: 'discardRun', runId }));
    expect([...store.blobs.keys()].filter((name) => !name.startsWith(successor.runId))).toEqual([]);
  });

  it('a damaged file is named, and its run goes on', async () => {
    const store = new MemoryStore();
    const page = await opened(store);
    const { runId } = await trained(page, 2, settings);
    await kept(page, 'snapshot', [1, 2]);
    store.blobs.get(`${runId}.snapshot.2`)![5000]! ^= 1;
    const refused = await trace(page, runId, 2);
    expect(!refused.ok && refused.error.code).toBe('storage-damaged');
    expect((await trace(page, runId, 1)).ok).toBe(true);
  });

  it('storage that is full, or room too small for one, is told while training goes on', async () => {
    class Full extends MemoryStore {
      override write(name: string, bytes: Uint8Array): Promise<void> {
        if (name.includes('.snapshot.')) return Promise.reject(new StorageFailure('full', 'no room'));
        return super.write(name, bytes);
      }
    }
    const page = await opened(new Full());
    await trained(page, 2, settings);
    await until(() => told(page)?.error?.code === 'storage-full');
    expect(told(page)!.rungs).toEqual([]);
    const wide = { ...settings, model: { ...settings.model, hiddenSize: 64 } };
    const small = await opened(new MemoryStore(), { budgetMb: 1 });
    await trained(small, 2, wide);
    await until(() => told(small)?.error?.code === 'storage-full');
    expect(told(small)!.error!.detail).toMatch(/MB > 0\.3 MB \(snapshot\)/);
  });

  it('a checkpoint that is too large for its room does not keep snapshots from being kept', async () => {
    const page = await opened(new MemoryStore(), { everyTokens: STEP, checkpointEvery: 1, budgetMb: 1 });
    await trained(page, 1, settings);
    await until(() => told(page)?.error?.code === 'storage-full');
    expect(told(page)!.error!.detail).toMatch(/MB > 0\.7 MB \(checkpoint\)/);
    valueOf(await page.client.request({ kind: 'step', count: 2 }));
    await until(() => told(page)?.rungs.at(-1)?.step === 3);
    expect(told(page)!.missed).toBe(0);
  });

  it('settings that cannot be are refused, each by its name', async () => {
    const page = await booted();
    const asked = { everyTokens: -1, checkpointEvery: 0, type: 'F32', budgetMb: NaN } as const;
    const refused = await page.client.request({ kind: 'keepSnapshots', settings: asked });
    expect(!refused.ok && refused.error.fields?.map(({ field }) => field)).toEqual([
      'snapshots.everyTokens',
      'snapshots.checkpointEvery',
      'snapshots.budgetMb',
    ]);
  });
});
