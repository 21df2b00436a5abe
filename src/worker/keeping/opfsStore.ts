// Blobs as files of the origin's private file system, written through synchronous handles, which only a worker has. A file is written in
// place: cut short, it may hold anything, and checkpoint/slots.ts is what makes that harmless.
import type { BlobStore } from '../../checkpoint/blobStore';
import { StorageFailure, storageFailureOf } from './storageFailure';

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

/** A file system that has not opened a file by then, ms, is taken for one that never will: seen after a browser was killed while it wrote. */
const PATIENCE_MS = 20_000;

const isMissing = (thrown: unknown): boolean => thrown instanceof Error && thrown.name === 'NotFoundError';

/**
 * Every method rejects with StorageFailure.
 * @param breathe called between two pieces of a large blob
 * @param patienceMs how long a file may take to open for writing
 */
export function createOpfsStore(
  folder: FileSystemDirectoryHandle,
  breathe: () => Promise<void>,
  patienceMs = PATIENCE_MS,
): BlobStore {
  return {
    async read(name) {
      try {
        const file = await (await folder.getFileHandle(name)).getFile();
        return new Uint8Array(await file.arrayBuffer());
      } catch (thrown) {
        if (isMissing(thrown)) return null;
        throw storageFailureOf(thrown);
      }
    },
    async write(name, bytes) {
      try {
        const access = await openedWithin(patienceMs, open(folder, name));
        try {
          await writeWhole(access, bytes, breathe);
        } finally {
          access.close();
        }
      } catch (thrown) {
        throw storageFailureOf(thrown);
      }
    },
    async remove(name) {
      await folder.removeEntry(name).catch((thrown: unknown) => {
        if (!isMissing(thrown)) throw storageFailureOf(thrown);
      });
    },
    async list() {
      try {
        const names: string[] = [];
        for await (const name of folder.keys()) names.push(name);
        return names;
      } catch (thrown) {
        throw storageFailureOf(thrown);
      }
    },
  };
}

async function open(folder: FileSystemDirectoryHandle, name: string): Promise<SyncAccess> {
  const file = (await folder.getFileHandle(name, { create: true })) as SyncFile;
  return file.createSyncAccessHandle();
}

/** Rejects with StorageFailure where `opening` takes longer; what opens later is closed untouched, because a newer write may lie there. */
function openedWithin(patienceMs: number, opening: Promise<SyncAccess>): Promise<SyncAccess> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      reject(new StorageFailure('failed', `a file did not open for writing within ${patienceMs / 1000} s`));
    }, patienceMs);
    opening.then(
      (access) => {
        clearTimeout(timer);
        if (isLate) access.close();
        else resolve(access);
      },
      (thrown: unknown) => {
        clearTimeout(timer);
        reject(storageFailureOf(thrown));
      },
    );
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
