// Where a browser keeps blobs: one law for each kind of store, and every refusal in a word.
import { describe, expect, it } from 'vitest';
import type { BlobStore } from '../../checkpoint/blobStore';
import { createIndexedDbStore } from './indexedDbStore';
import { openStore } from './openStore';
import { createOpfsStore } from './opfsStore';
import { StorageFailure, storageError } from './storageFailure';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const sorted = (names: readonly string[]): string[] => [...names].sort((one, other) => one.localeCompare(other));
const fault = (name: string): DOMException => new DOMException('as the browser words it', name);
const breathe = (): Promise<void> => Promise.resolve();

/** A private file system after the standard, as far as a store uses it. `room` bytes fit; `refuses` is thrown by every opening. */
function fileSystem(
  options: { room?: number; refuses?: DOMException; opensAfter?: Promise<void> } = {},
): FileSystemDirectoryHandle {
  const files = new Map<string, Uint8Array>();
  const open = new Set<string>();
  const used = (): number => [...files.values()].reduce((sum, { length }) => sum + length, 0);
  const handle = (name: string) => ({
    getFile: () => Promise.resolve(new Blob([new Uint8Array(files.get(name)!)])),
    createSyncAccessHandle: async () => {
      await options.opensAfter;
      if (options.refuses) return Promise.reject(options.refuses);
      if (open.has(name)) return Promise.reject(fault('NoModificationAllowedError'));
      open.add(name);
      return Promise.resolve({
        write(piece: Uint8Array, { at }: { at: number }): number {
          const old = files.get(name)!;
          const fits = Math.min(piece.length, Math.max(0, (options.room ?? Infinity) - used() + old.length - at));
          const grown = new Uint8Array(Math.max(old.length, at + fits));
          grown.set(old);
          grown.set(piece.subarray(0, fits), at);
          files.set(name, grown);
          return fits;
        },
        truncate: (size: number) => void files.set(name, files.get(name)!.slice(0, size)),
        flush: () => undefined,
        close: () => void open.delete(name),
      });
    },
  });
  return {
    getFileHandle(name: string, { create = false } = {}) {
      if (!files.has(name) && !create) return Promise.reject(fault('NotFoundError'));
      if (!files.has(name)) files.set(name, bytes());
      return Promise.resolve(handle(name));
    },
    removeEntry: (name: string) => (files.delete(name) ? Promise.resolve() : Promise.reject(fault('NotFoundError'))),
    keys: () => files.keys(),
  } as unknown as FileSystemDirectoryHandle;
}

/** A store in a folder that is always there. */
const storeIn = (folder: FileSystemDirectoryHandle, patienceMs?: number, between = breathe): BlobStore =>
  createOpfsStore(folder, () => Promise.resolve(folder), between, patienceMs);

async function expectGivesBack(store: BlobStore): Promise<void> {
  expect([await store.read('state.a'), await store.list()]).toEqual([null, []]);
  await store.write('state.a', bytes(1, 2, 3));
  await store.write('state.a', bytes(4));
  await store.write('state.b', bytes());
  expect([await store.read('state.a'), await store.read('state.b')]).toEqual([bytes(4), bytes()]);
  expect(sorted(await store.list())).toEqual(['state.a', 'state.b']);
  await store.remove('state.a');
  await store.remove('state.a');
  expect([await store.read('state.a'), await store.list()]).toEqual([null, ['state.b']]);
  const large = Uint8Array.from({ length: 9 * 2 ** 20 + 5 }, (_, index) => (index * 7) % 251);
  await store.write('large', large);
  const back = await store.read('large');
  // Compared by hand: a deep comparison of millions of numbers takes seconds.
  expect([back!.length, back!.findIndex((value, index) => value !== large[index])]).toEqual([large.length, -1]);
}

/** Node's own collection of garbage. */
async function collector(): Promise<() => void> {
  const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([import('node:v8'), import('node:vm')]);
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** A file system that answers as Chromium does: later, and only a handle that something still holds. Garbage is collected before each answer. */
function forgetful(folder: FileSystemDirectoryHandle, collect: () => void): FileSystemDirectoryHandle {
  const answer = <T>(handle: object, value: () => Promise<T>): Promise<T> => {
    const weak = new WeakRef(handle);
    return new Promise((resolve, reject) => {
      setTimeout(() => {
        collect();
        if (weak.deref()) value().then(resolve, reject);
      }, 1);
    });
  };
  return {
    removeEntry: (name: string) => folder.removeEntry(name),
    keys: () => folder.keys(),
    async getFileHandle(name: string, options?: FileSystemGetFileOptions) {
      const file = (await folder.getFileHandle(name, options)) as FileSystemFileHandle & {
        createSyncAccessHandle(): Promise<unknown>;
      };
      return {
        getFile() {
          return answer(this, () => file.getFile());
        },
        createSyncAccessHandle() {
          return answer(this, () => file.createSyncAccessHandle());
        },
      };
    },
  } as unknown as FileSystemDirectoryHandle;
}

const offenceOf = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (thrown: unknown) => (thrown instanceof StorageFailure ? thrown.offence : String(thrown)),
  );

describe('the store of private files', () => {
  it('gives back what was written last, and nothing where nothing is', async () => {
    await expectGivesBack(storeIn(fileSystem()));
  });

  it('lets messages in between the pieces of a large blob', async () => {
    let breaths = 0;
    const store = storeIn(fileSystem(), 1000, () => Promise.resolve(void breaths++));
    await store.write('small', bytes(1));
    expect(breaths).toBe(0);
    await store.write('large', new Uint8Array(9 * 2 ** 20));
    expect(breaths).toBe(2);
  });

  it('says that there is no room, also where the file system only writes less than it was given', async () => {
    expect(await offenceOf(storeIn(fileSystem({ room: 2 })).write('a', bytes(1, 2, 3)))).toBe('full');
    const refuses = fault('QuotaExceededError');
    expect(await offenceOf(storeIn(fileSystem({ refuses })).write('a', bytes(1)))).toBe('full');
  });

  it('a file that does not open is told, and one that opens too late is left as it is', async () => {
    let open = (): void => undefined;
    const late = storeIn(fileSystem({ opensAfter: new Promise((resolve) => (open = resolve)) }), 20);
    expect(await offenceOf(late.write('a', bytes(1)))).toBe('failed');
    open();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await late.read('a')).toEqual(bytes());
    await late.write('a', bytes(2));
    expect(await late.read('a')).toEqual(bytes(2));
  });

  it.runIf(typeof indexedDB === 'undefined')('holds on to the handle that it asks, whatever is collected meanwhile', async () => {
    await expectGivesBack(storeIn(forgetful(fileSystem(), await collector()), 1000));
  });

  it('tells a refusal from a fault, and frees the file after either', async () => {
    const refuses = fault('NotAllowedError');
    expect(await offenceOf(storeIn(fileSystem({ refuses })).write('a', bytes(1)))).toBe('denied');
    const broken = storeIn(fileSystem({ refuses: fault('UnknownError') }));
    expect(await offenceOf(broken.write('a', bytes(1)))).toBe('failed');
    const folder = fileSystem({ room: 2 });
    const store = storeIn(folder);
    expect(await offenceOf(store.write('a', bytes(1, 2, 3)))).toBe('full');
    await store.write('a', bytes(1));
    expect(await store.read('a')).toEqual(bytes(1));
  });
});

describe.runIf(typeof indexedDB !== 'undefined')('the store of database records', () => {
  it('gives back what was written last, and nothing where nothing is', async () => {
    const name = `test-${performance.now()}`;
    await expectGivesBack(await createIndexedDbStore(indexedDB, name));
    const again = await createIndexedDbStore(indexedDB, name);
    expect(sorted(await again.list())).toEqual(['large', 'state.b']);
  });
});

describe('the choice of a store', () => {
  const storage = { getDirectory: () => Promise.resolve({ getDirectoryHandle: () => Promise.resolve(fileSystem()) }) };
  const files = storage as unknown as StorageManager;
  /** A database that cannot be opened. */
  const closed = (name: string): IDBFactory =>
    ({
      open() {
        const request = { error: fault(name), onerror: () => undefined };
        setTimeout(() => request.onerror(), 0);
        return request;
      },
    }) as unknown as IDBFactory;

  it('is files where there are, else a database, else a typed refusal', async () => {
    expect((await openStore({ storage: files, hasSyncHandles: true }, breathe)).place).toBe('files');
    expect(await offenceOf(openStore({ hasSyncHandles: true }, breathe))).toBe('denied');
    const refusing = { getDirectory: () => Promise.reject(fault('SecurityError')) };
    expect(await offenceOf(openStore({ storage: refusing, hasSyncHandles: true }, breathe))).toBe('denied');
    expect(await offenceOf(openStore({ indexedDB: closed('InvalidStateError'), hasSyncHandles: false }, breathe))).toBe('denied');
    expect(await offenceOf(openStore({ indexedDB: closed('UnknownError'), hasSyncHandles: false }, breathe))).toBe('failed');
  });

  it.runIf(typeof indexedDB !== 'undefined')('falls back on a database where files are refused', async () => {
    const refusing = { getDirectory: () => Promise.reject(fault('SecurityError')) };
    expect((await openStore({ storage: refusing, indexedDB, hasSyncHandles: true }, breathe)).place).toBe('database');
  });

  it('what goes wrong reaches the page as a code with the browser’s own words', () => {
    expect(storageError(fault('QuotaExceededError'))).toEqual({
      code: 'storage-full',
      detail: 'QuotaExceededError: as the browser words it',
    });
    expect(storageError('strange').code).toBe('storage-failed');
  });
});
