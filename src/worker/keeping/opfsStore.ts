// Blobs as files of the origin's private file system, written through synchronous handles, which only a worker has. A file is written in
// place: cut short, it may hold anything, and checkpoint/slots.ts is what makes that harmless.
import type { BlobStore } from '../../checkpoint/blobStore';
import { StorageFailure, storageFailureOf } from './storageFailure';
import { whileHeld } from './whileHeld';

/** Named here, because only the worker's type library knows it. */
interface SyncAccess {
  write(bytes: Uint8Array<ArrayBuffer>, options: { readonly at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}
type SyncFile = FileSystemFileHandle & { createSyncAccessHandle(): Promise<SyncAccess> };

/** Bytes handed over at a time; between two pieces the worker may answer a message. About a millisecond's work. */
const PIECE_BYTES = 4 * 2 ** 20;

/** A file system that has not done by then what it was asked for, ms, is taken for one that never will. */
const PATIENCE_MS = 20_000;

const isMissing = (thrown: unknown): boolean => thrown instanceof Error && thrown.name === 'NotFoundError';

/**
 * Every method rejects with StorageFailure.
 * @param opened the folder as it is now @param reopen makes it anew: a browser that is cleared takes it away under the page
 * @param breathe called between two pieces of a large blob
 * @param patienceMs how long a file may take to be read, or to open for writing
 */
export function createOpfsStore(
  opened: FileSystemDirectoryHandle,
  reopen: () => Promise<FileSystemDirectoryHandle>,
  breathe: () => Promise<void>,
  patienceMs = PATIENCE_MS,
): BlobStore {
  let folder = opened;

  /** What `work` makes of the folder, or of a new one where that is gone. */
  async function inFolder<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown;
      folder = await reopen();
      return work();
    }
  }

  return {
    read: (name) =>
      within(patienceMs, 'read', contents(folder, name)).catch((thrown: unknown) => {
        if (isMissing(thrown)) return null;
        throw storageFailureOf(thrown);
      }),
    async write(name, bytes) {
      try {
        const opening = inFolder(() => open(folder, name));
        const access = await within(patienceMs, 'opened for writing', opening, (late) => late.close());
        try {
          await writeWhole(access, bytes, breathe);
        } finally {
          access.close();
        }
      } catch (thrown) {
        throw storageFailureOf(thrown);
      }
    },
    remove: (name) =>
      within(patienceMs, 'removed', folder.removeEntry(name)).catch((thrown: unknown) => {
        if (!isMissing(thrown)) throw storageFailureOf(thrown);
      }),
    list: () =>
      within(
        patienceMs,
        'listed',
        inFolder(() => namesIn(folder)),
      ).catch((thrown: unknown) => {
        throw storageFailureOf(thrown);
      }),
  };
}

async function contents(folder: FileSystemDirectoryHandle, name: string): Promise<Uint8Array> {
  const bytes = await whileHeld(await folder.getFileHandle(name), async (handle) => (await handle.getFile()).arrayBuffer());
  return new Uint8Array(bytes);
}

function namesIn(folder: FileSystemDirectoryHandle): Promise<string[]> {
  return whileHeld(folder.keys(), async (keys) => {
    const names: string[] = [];
    for await (const name of keys) names.push(name);
    return names;
  });
}

async function open(folder: FileSystemDirectoryHandle, name: string): Promise<SyncAccess> {
  const file = (await folder.getFileHandle(name, { create: true })) as SyncFile;
  return whileHeld(file, () => file.createSyncAccessHandle());
}

/** Rejects with StorageFailure where `work` takes longer. @param onLate gets what comes after that: a newer write may lie there by then */
function within<T>(patienceMs: number, done: string, work: Promise<T>, onLate?: (late: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      reject(new StorageFailure('failed', `a file was not ${done} within ${patienceMs / 1000} s`));
    }, patienceMs);
    work.then((value) => (isLate ? onLate?.(value) : resolve(value)), reject).finally(() => clearTimeout(timer));
  });
}

async function writeWhole(access: SyncAccess, bytes: Uint8Array, breathe: () => Promise<void>): Promise<void> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    const piece = new Uint8Array(bytes.subarray(at, at + PIECE_BYTES));
    const written = access.write(piece, { at });
    // A full disk may end a write early without a word.
    if (written < piece.length) throw new StorageFailure('full', `${at + written} of ${bytes.length} bytes could be written`);
    if (at + PIECE_BYTES < bytes.length) await breathe();
  }
  access.truncate(bytes.length);
  access.flush();
}
