import { expect, it } from 'vitest';
import { DyingStore, MemoryStore, type Wreck } from '../testing/memoryStore';
import { commit, commitBlob, dataBlob, newestCommit, type Place } from './slots';

const WRECKS: readonly Wreck[] = ['short', 'mixed', 'zeros', 'gone'];

/** Bytes that differ everywhere from those of another version, and in their number. */
const version = (number: number): Uint8Array => new Uint8Array(40 + 3 * number).fill(number + 1);

async function saved(versions: number): Promise<{ store: MemoryStore; place: Place | null }> {
  const store = new MemoryStore();
  let place: Place | null = null;
  for (let number = 1; number <= versions; number++) place = await commit(store, 'state', version(number), place);
  return { store, place };
}

async function newest(store: MemoryStore): Promise<Uint8Array | null> {
  const found = await newestCommit(store, 'state');
  if (!found.ok) throw new Error(found.error.detail);
  return found.value?.bytes ?? null;
}

it('the newest version is read, and the one before it is still there', async () => {
  for (let versions = 0; versions <= 5; versions++) {
    const { store } = await saved(versions);
    expect(await newest(store)).toEqual(versions === 0 ? null : version(versions));
    expect(store.blobs.size).toBe(Math.min(versions, 2) * 2);
  }
});

it('a save cut at any byte, leaving any wreck, loses nothing that was saved before, and the next save works', async () => {
  for (const before of [0, 1, 2, 3]) {
    for (const wreck of WRECKS) {
      const total = version(before + 1).length + 24;
      for (let budget = 0; budget < total; budget++) {
        const { store, place } = await saved(before);
        const dying = new DyingStore(store, budget, wreck);
        await expect(commit(dying, 'state', version(before + 1), place)).rejects.toThrow('died');
        const found = await newestCommit(dying, 'state');
        expect(found.ok, `${before} saved, cut at ${budget}, ${wreck}`).toBe(true);
        if (!found.ok) continue;
        expect(found.value?.bytes ?? null).toEqual(before === 0 ? null : version(before));
        const again = new MemoryStore();
        for (const [name, bytes] of dying.blobs) again.blobs.set(name, bytes);
        await commit(again, 'state', version(9), found.value);
        expect(await newest(again)).toEqual(version(9));
      }
    }
  }
});

it('a save that was cut twice in a row still loses nothing', async () => {
  const { store, place } = await saved(3);
  for (const budget of [10, 60]) {
    const dying = new DyingStore(store, budget, 'mixed');
    await expect(commit(dying, 'state', version(4), place)).rejects.toThrow('died');
    const twice = new DyingStore(dying, budget + 3, 'short');
    await expect(commit(twice, 'state', version(5), place)).rejects.toThrow('died');
    expect(await newest(twice)).toEqual(version(3));
  }
});

it('a flipped bit in the newest data or record falls back to the version before', async () => {
  for (const blob of [dataBlob('state', 'a'), commitBlob('state', 'a')]) {
    const { store } = await saved(3);
    const bytes = store.blobs.get(blob)!;
    for (let at = 0; at < bytes.length; at++) {
      bytes[at]! ^= 0x10;
      expect(await newest(store), `${blob} at ${at}`).toEqual(version(2));
      bytes[at]! ^= 0x10;
    }
    expect(await newest(store)).toEqual(version(3));
  }
});

it('two spoilt slots are called damaged, not empty', async () => {
  const { store } = await saved(2);
  for (const slot of ['a', 'b'] as const) store.blobs.get(dataBlob('state', slot))![0]! ^= 1;
  const found = await newestCommit(store, 'state');
  expect(!found.ok && found.error.detail).toContain('state.b is not the 46 bytes');
});
