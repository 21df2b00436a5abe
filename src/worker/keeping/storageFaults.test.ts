// Storage that fails under a run, over the whole door: training goes on, the last good copy is used, and the page is told which.
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_SNAPSHOTS } from '../../config/snapshotSettings';
import { booted, closePages, config, phaseOf, scalarsOf, sharedPlace, trained, until, type Page } from '../../testing/enginePage';
import { valueOf } from '../../testing/fixtureModel';
import { MemoryStore } from '../../testing/memoryStore';
import { StorageFailure, type StorageOffence } from './storageFailure';

afterEach(closePages);

const quiet = { ...config, train: { ...config.train, validationEvery: 0, sampleEvery: 0 } };
const savedAt = (opened: Page, step: number): Promise<void> => until(() => opened.news.keeping.at(-1)?.saved === step);
const resume = (opened: Page, runId: string) => opened.client.request({ kind: 'resumeRun', runId, takeOver: true });

async function step(opened: Page, to: number): Promise<void> {
  valueOf(await opened.client.request({ kind: 'step', count: 1 }));
  await until(() => {
    const phase = phaseOf(opened);
    return phase?.phase === 'paused' && phase.step === to;
  });
}

/** A run kept at steps 1, 2 and 3, its last two copies in `store`. @param moments keeps the moment of step 2 as a checkpoint */
async function keptThrice(
  store: MemoryStore,
  moments = false,
): Promise<{ runId: string; visit: () => Promise<Page>; first: Page }> {
  const place = sharedPlace(store);
  const visit = (): Promise<Page> => booted(null, { place: place() });
  const opened = await visit();
  const { runId } = await trained(opened, 1, quiet);
  await savedAt(opened, 1);
  await step(opened, 2);
  await savedAt(opened, 2);
  if (moments) valueOf(await opened.client.request({ kind: 'takeSnapshot' }));
  await step(opened, 3);
  await savedAt(opened, 3);
  return { runId, visit, first: opened };
}

/** Steps 1 and 3 lie in slot a, step 2 in slot b. */
const NEWEST = 'state.a';

describe('a copy that something has changed', () => {
  const flip = (bytes: Uint8Array): Uint8Array => bytes.map((byte, at) => (at === bytes.length >> 1 ? byte ^ 1 : byte));
  const spoilings = {
    'a flipped bit': flip,
    'a lost end': (bytes: Uint8Array) => bytes.slice(0, -1),
    'nothing left': () => new Uint8Array(),
  };
  it.each(Object.entries(spoilings))(
    '%s: the one before is used, the page is told, and the next save mends it',
    async (_, spoil) => {
      const store = new MemoryStore();
      const { runId, visit } = await keptThrice(store);
      const name = `${runId}.${NEWEST}`;
      store.blobs.set(name, spoil(store.blobs.get(name)!));
      const second = await visit();
      const resumed = valueOf(await resume(second, runId));
      expect([resumed.step, resumed.history.scalars.length]).toEqual([2, 2]);
      expect(resumed.passedOver).toContain(name);
      await step(second, 3);
      await savedAt(second, 3);
      const third = valueOf(await resume(await visit(), runId));
      expect([third.step, third.passedOver]).toEqual([3, null]);
    },
  );

  it('in both slots: the last checkpoint is used; without one it is named, and another run can be trained', async () => {
    for (const moments of [true, false]) {
      const store = new MemoryStore();
      const { runId, visit } = await keptThrice(store, moments);
      for (const slot of ['a', 'b']) store.blobs.set(`${runId}.state.${slot}`, flip(store.blobs.get(`${runId}.state.${slot}`)!));
      const second = await visit();
      const reply = await resume(second, runId);
      if (moments) {
        const resumed = valueOf(reply);
        expect([resumed.step, resumed.history.scalars.length]).toEqual([2, 2]);
        expect(resumed.passedOver).toContain(`${runId}.state`);
      } else {
        expect(!reply.ok && reply.error).toMatchObject({
          code: 'storage-damaged',
          detail: expect.stringContaining(`${runId}.state`),
        });
        await trained(second, 1, quiet);
      }
    }
  });

  it('a checkpoint kept after the newest copy is what the run goes on from', async () => {
    const store = new MemoryStore();
    const { runId, visit, first } = await keptThrice(store);
    expect(valueOf(await first.client.request({ kind: 'takeSnapshot' }))).toBeNull();
    // As if the browser had died before the copy of step 3.
    for (const name of [NEWEST, `${NEWEST}.commit`]) store.blobs.delete(`${runId}.${name}`);
    const second = await visit();
    expect(valueOf(await second.client.request({ kind: 'keptRuns' })).runs).toMatchObject([{ runId, step: 3 }]);
    expect(valueOf(await resume(second, runId))).toMatchObject({ step: 3, passedOver: null });
  });
});

describe('storage that stops taking', () => {
  class Fickle extends MemoryStore {
    offence: StorageOffence | null = null;
    override write(name: string, bytes: Uint8Array): Promise<void> {
      return this.offence
        ? Promise.reject(new StorageFailure(this.offence, 'as the browser words it'))
        : super.write(name, bytes);
    }
  }

  it.each(['full', 'denied', 'failed'] as const)(
    '%s: training goes on with a word, what was kept stays, and keeping goes on when there is room',
    async (offence) => {
      const store = new Fickle();
      const { runId, visit } = await keptThrice(store);
      const second = await visit();
      valueOf(await resume(second, runId));
      store.offence = offence;
      await step(second, 4);
      await until(() => second.news.keeping.at(-1)?.error != null);
      expect(second.news.keeping.at(-1)).toMatchObject({ saved: 3, error: { code: `storage-${offence}` } });
      await step(second, 5);
      expect(valueOf(await second.client.request({ kind: 'keptRuns' })).runs).toMatchObject([{ runId, step: 3 }]);
      store.offence = null;
      await step(second, 6);
      await savedAt(second, 6);
      expect(second.news.keeping.at(-1)!.error).toBeNull();
      const third = valueOf(await resume(await visit(), runId));
      expect([third.step, third.passedOver]).toEqual([6, null]);
    },
  );
});

describe('moments and the run they are of', () => {
  const cut = (store: MemoryStore): MemoryStore => {
    const left = new MemoryStore();
    for (const [name, bytes] of store.blobs) left.blobs.set(name, bytes.slice());
    return left;
  };
  const moments = (page: Page) => page.news.snapshots.at(-1)!.rungs.map(({ kind, step: at }) => `${kind} ${at}`);
  /** A run that keeps a snapshot and a checkpoint after each step. */
  async function everyStep(store: MemoryStore, count: number, place = sharedPlace(store)) {
    const page = await booted(null, { place: place() });
    const everyTokens = quiet.train.batchSize * quiet.train.sequenceLength;
    const settings = { ...DEFAULT_SNAPSHOTS, everyTokens, checkpointEvery: 1, type: 'F32' } as const;
    valueOf(await page.client.request({ kind: 'keepSnapshots', settings }));
    const { runId } = await trained(page, count, quiet);
    await until(() => moments(page).includes(`checkpoint ${count}`));
    await savedAt(page, count);
    return { page, runId };
  }

  it('one that is kept before anything else of its run is not lost with it: the run is there, and stays when another comes', async () => {
    const store = new MemoryStore();
    const page = await booted(null, { place: sharedPlace(store)() });
    const { runId } = valueOf(await page.client.request({ kind: 'createRun', config: quiet }));
    valueOf(await page.client.request({ kind: 'play' }));
    await until(() => scalarsOf(page).length > 0);
    valueOf(await page.client.request({ kind: 'takeSnapshot' }));
    const left = cut(store);
    const rungs = page.news.snapshots.at(-1)!.rungs.map((rung) => `${runId}.${rung.kind}.${rung.step}`);
    expect(rungs).toHaveLength(2);
    valueOf(await page.client.request({ kind: 'pause' }));
    await until(() => phaseOf(page)?.phase === 'paused');
    const second = await booted(null, { place: sharedPlace(left)() });
    expect(valueOf(await second.client.request({ kind: 'keptRuns' })).runs.map((run) => run.runId)).toEqual([runId]);
    // Ids are counted from 1 in every page: the first that is made has that of the run that is kept.
    valueOf(await second.client.request({ kind: 'createRun', config: quiet }));
    const other = await trained(second, 1, quiet);
    expect(other.runId).not.toBe(runId);
    await until(() => [...left.blobs.keys()].some((name) => name.startsWith(`${other.runId}.state`)));
    expect([...left.blobs.keys()]).toEqual(expect.arrayContaining(rungs));
  });

  it('a list that is damaged in one slot or both costs no moment', async () => {
    for (const slots of [['a'], ['b'], ['a', 'b']]) {
      const store = new MemoryStore();
      const { page, runId } = await everyStep(store, 3);
      const before = moments(page);
      for (const slot of slots) store.blobs.get(`${runId}.ladder.${slot}`)![20]! ^= 1;
      const second = await booted(null, { place: sharedPlace(store)() });
      const { rungs } = valueOf(await second.client.request({ kind: 'runSnapshots', runId }));
      expect(rungs.map(({ kind, step: at }) => `${kind} ${at}`)).toEqual(before);
      valueOf(await resume(second, runId));
      await step(second, 4);
      valueOf(await second.client.request({ kind: 'takeSnapshot' }));
      expect(moments(second)).toEqual([...before, 'checkpoint 4', 'snapshot 4']);
      expect([...store.blobs.keys()].filter((name) => /\.(snapshot|checkpoint)\.[123]$/.test(name))).toHaveLength(6);
    }
  });

  it('a run that cannot be kept is not ended by a branch or a step back', async () => {
    const store = new MemoryStore();
    const { page, runId } = await everyStep(store, 2);
    const write = store.write.bind(store);
    store.write = () => Promise.reject(new StorageFailure('full', 'no room'));
    await step(page, 3);
    for (const asked of [
      { kind: 'branchRun', runId, step: 1, changed: [] },
      { kind: 'stepBack', runId, step: 1 },
    ] as const)
      expect(await page.client.request(asked)).toMatchObject({ ok: false, error: { code: 'storage-full' } });
    await step(page, 4);
    store.write = write;
    valueOf(await page.client.request({ kind: 'branchRun', runId, step: 1, changed: [] }));
    const { runs } = valueOf(await page.client.request({ kind: 'keptRuns' }));
    expect(runs.find((run) => run.runId === runId)).toMatchObject({ step: 4 });
  });

  it('after a step back that could not let go of them, what was trained since is what comes back', async () => {
    const store = new MemoryStore();
    let now = 0;
    const place = sharedPlace(store, () => ++now);
    const { page, runId } = await everyStep(store, 4, place);
    valueOf(await page.client.request({ kind: 'keepSnapshots', settings: { ...DEFAULT_SNAPSHOTS, everyTokens: 0 } }));
    const write = store.write.bind(store);
    store.write = (name, bytes) =>
      name.includes('.ladder.') ? Promise.reject(new StorageFailure('failed', 'not now')) : write(name, bytes);
    valueOf(await page.client.request({ kind: 'stepBack', runId, step: 2 }));
    await step(page, 3);
    await savedAt(page, 3);
    const left = cut(store);
    const second = await booted(null, { place: sharedPlace(left)() });
    expect(valueOf(await resume(second, runId)).step).toBe(3);
    await step(second, 4);
    await savedAt(second, 4);
    await until(() => [...left.blobs.keys()].every((name) => !/\.(snapshot|checkpoint)\.4$/.test(name)));
  });

  it('another past that comes to the same step shows its own moment', async () => {
    const store = new MemoryStore();
    const place = sharedPlace(store);
    const { page, runId } = await everyStep(store, 2, place);
    const model = { kind: 'checkpoint', runId, step: 2 } as const;
    const question = { model, text: 'the points are set', continuation: [], interventions: [] };
    const seen = async (opened: Page) => valueOf(await opened.client.request({ kind: 'trace', question, lens: false })).baseline;
    const before = await seen(page);
    valueOf(await page.client.request({ kind: 'stepBack', runId, step: 1 }));
    valueOf(await page.client.request({ kind: 'change', change: { learningRate: 0.05 } }));
    await step(page, 2);
    await until(() => moments(page).includes('checkpoint 2'));
    const after = await seen(page);
    expect(after).not.toEqual(before);
    expect(after).toEqual(await seen(await booted(null, { place: place() })));
  });
});

describe('storage that the browser has emptied', () => {
  it('between visits: nothing is offered, nothing is wrong, and a run can be kept again', async () => {
    const store = new MemoryStore();
    const { runId, visit } = await keptThrice(store, true);
    store.blobs.clear();
    const second = await visit();
    expect(valueOf(await second.client.request({ kind: 'keptRuns' }))).toMatchObject({ runs: [], error: null });
    const reply = await resume(second, runId);
    expect(!reply.ok && reply.error.code).toBe('storage-damaged');
    await trained(second, 1, quiet);
    await savedAt(second, 1);
  });

  it('under a run: the next save is whole on its own', async () => {
    const store = new MemoryStore();
    const place = sharedPlace(store);
    const opened = await booted(null, { place: place() });
    const { runId } = await trained(opened, 1, quiet);
    await savedAt(opened, 1);
    store.blobs.clear();
    await step(opened, 2);
    await savedAt(opened, 2);
    const second = valueOf(await resume(await booted(null, { place: place() }), runId));
    expect([second.step, second.history.scalars.length]).toEqual([2, 2]);
  });
});
