// Which kept run gives way to a new one, and that it is told.
import { afterEach, describe, expect, it } from 'vitest';
import { KEPT_RUNS } from '../../config/snapshotSettings';
import { booted, closePages, config, sharedPlace, trained, until } from '../../testing/enginePage';
import { valueOf } from '../../testing/fixtureModel';
import { MemoryStore } from '../../testing/memoryStore';
import { commit } from '../../checkpoint/slots';
import { givingWay, makeRoom } from './givingWay';
import { Ladders } from './ladders';
import { Vault, type KeptEntry } from './vault';

afterEach(closePages);

const limits = { most: 6, always: 3, bytes: 100, recent: 2 };
const kept = (runId: string, step: number, savedAt: number, more: Partial<KeptEntry> = {}): KeptEntry => {
  return { runId, name: runId, step, savedAt, backend: 'wasm', isPinned: false, bytes: 1, ...more };
};
const branchOf = (runId: string) => ({ parent: { runId, step: 1, changed: [] } });
const NEW = { runId: 'new' };

/** Ids of the runs that give way to a new one. */
const gone = (runs: readonly KeptEntry[], inUse: readonly string[] = [], newcomer: Parameters<typeof givingWay>[2] = NEW) =>
  givingWay(runs, new Set(inUse), newcomer, limits).map(({ runId }) => runId);

/** As many as fit beside a new one, the first saved first, and one more that is long. */
const full = [kept('long', 100, 0), ...[1, 2, 3, 4].map((at) => kept(`short-${at}`, 1, at)), kept('last', 1, 9)];

describe('the run that gives way', () => {
  it('has the fewest steps of the older ones, and of as many is the one saved longest ago', () => {
    expect(gone(full.slice(1))).toEqual([]);
    expect(gone(full)).toEqual(['short-1']);
    expect(gone([...full, kept('middling', 20, 0.5)])).toEqual(['short-1', 'short-2']);
  });

  it('is a long one only where all older ones are long', () => {
    const long = [1, 2, 3, 4].map((at) => kept(`long-${at}`, 100 + at, at));
    expect(gone([...long, kept('short', 1, 8), kept('last', 1, 9)])).toEqual(['long-1']);
  });

  it('is no run that a kept one or the new one branched off from, while there is another', () => {
    const [, first] = full;
    expect(gone(full.with(5, kept('last', 1, 9, branchOf(first!.runId))))).toEqual(['short-2']);
    expect(gone(full, [], { runId: 'new', ...branchOf(first!.runId) })).toEqual(['short-2']);
    const chain = full.map((run, at) => ({ ...run, ...branchOf(full[Math.max(0, at - 1)]!.runId) }));
    expect(gone(chain)).toEqual(['short-1']);
  });

  it('is freed by the branch that goes before it', () => {
    const runs = [kept('root', 1, 0), kept('branch', 1, 1, branchOf('root')), ...full.slice(2), kept('more', 50, 2)];
    expect(gone(runs)).toEqual(['branch', 'root']);
  });

  it('is never pinned and never open, which do not count either: where all are such, the new run is kept beside them', () => {
    expect(gone(full.map((run) => (run.runId === 'short-1' ? { ...run, isPinned: true } : run)))).toEqual([]);
    const more = [...full, kept('more', 200, 0)];
    expect(gone(more, ['short-1'])).toEqual(['short-2']);
    const many = Array.from({ length: 40 }, (_, at) => kept(`${at}`, 1, at, { isPinned: at % 2 === 0, bytes: 1e9 }));
    expect(
      gone(
        many,
        many.map(({ runId }) => runId),
      ),
    ).toEqual([]);
    expect(gone(many.map((run) => ({ ...run, isPinned: true })))).toEqual([]);
  });

  it('goes for room only while more than the few that always stay are kept', () => {
    const large = full.slice(0, 5).map((run) => ({ ...run, bytes: 60 }));
    expect(gone(large)).toEqual(['short-1', 'short-2', 'long']);
    expect(gone(large.slice(0, 2))).toEqual([]);
    expect(gone(large.map((run) => ({ ...run, bytes: undefined })))).toEqual([]);
  });

  it('was not saved at the very last moment, when there was no time to write down when', () => {
    expect(gone([...full.slice(1), kept('cut', 0, NaN)])).toEqual(['short-1']);
  });
});

/** A store with runs of one step, as their lists tell of them: no state is read. */
async function storeWith(...runIds: readonly string[]): Promise<MemoryStore> {
  const store = new MemoryStore();
  for (const [at, runId] of runIds.entries()) {
    await commit(store, `${runId}.state`, Uint8Array.of(1), null);
    const about = { step: 1, savedAt: at, backend: 'wasm' };
    await commit(store, `${runId}.about`, new TextEncoder().encode(JSON.stringify(about)), null);
  }
  return store;
}

describe('making room', () => {
  it('discards what gives way, tells it, and clears what was never whole; what is open elsewhere stays', async () => {
    const store = await storeWith('open', 'old', 'late', 'last');
    await store.write('orphan.history.a', Uint8Array.of(1));
    await store.write('first.state.a', Uint8Array.of(1));
    const told: string[] = [];
    const locks = { held: () => Promise.resolve(new Set(['open', 'first'])) };
    const place = { vault: new Vault(store), ladders: new Ladders(store), locks };
    await makeRoom(place, NEW, ({ runId, step }) => void told.push(`${runId} ${step}`), { ...limits, most: 3 });
    expect(told).toEqual(['old 1']);
    expect((await place.vault.list()).map(({ runId }) => runId)).toEqual(['last', 'late', 'open']);
    expect([store.blobs.has('orphan.history.a'), store.blobs.has('first.state.a')]).toEqual([false, true]);
  });

  it('is announced in the list, told when it happens, and passes over the pinned', async () => {
    const ids = Array.from({ length: KEPT_RUNS.most }, (_, at) => `kept-${at}`);
    const store = await storeWith(...ids);
    const page = await booted(null, { place: sharedPlace(store, () => 1e6)() });
    const { client, news } = page;
    valueOf(await client.request({ kind: 'pinRun', runId: 'kept-0', isPinned: true }));
    expect(valueOf(await client.request({ kind: 'keptRuns' })).next).toEqual([]);
    await trained(page, 1, config);
    await until(() => news.keeping.at(-1)?.saved === 1);
    expect(news.letGo).toEqual([]);
    const [next] = valueOf(await client.request({ kind: 'keptRuns' })).next;
    expect(next).toMatchObject({ runId: 'kept-1', step: 1 });
    await trained(page, 1, config);
    await until(() => news.letGo.length > 0);
    expect(news.letGo).toEqual([[next]]);
    const runs = valueOf(await client.request({ kind: 'keptRuns' })).runs.map(({ runId }) => runId);
    expect([runs.includes('kept-0'), runs.includes('kept-1'), runs.includes('kept-2')]).toEqual([true, false, true]);
  });
});
