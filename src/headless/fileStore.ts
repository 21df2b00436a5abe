// Blobs as files of one folder. A blob is replaced by renaming a file that is already on the disk, so it is the old one or the new one.
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BlobStore } from '../checkpoint/blobStore';
import { assert } from '../core/assert';
import { codeOf } from './trouble';

const UNFINISHED = '.unfinished';

const isMissing = (thrown: unknown): boolean => codeOf(thrown) === 'ENOENT';

/** The folder is made with the first write. Rejects with the system's error where it cannot read or write. */
export function createFileStore(folder: string): BlobStore {
  const pathOf = (name: string): string => {
    assert(/^[a-z0-9][a-z0-9.-]*$/.test(name) && !name.endsWith(UNFINISHED), `${JSON.stringify(name)} is no name of a blob`);
    return join(folder, name);
  };
  return {
    async read(name) {
      try {
        return new Uint8Array(await readFile(pathOf(name)));
      } catch (thrown) {
        if (isMissing(thrown)) return null;
        // Where the file opened and could not be read, the system does not say which it was.
        throw thrown instanceof Error ? Object.assign(thrown, { path: pathOf(name) }) : thrown;
      }
    },
    async write(name, bytes) {
      await replaceFile(pathOf(name), bytes);
    },
    async remove(name) {
      await rm(pathOf(name), { force: true });
    },
    async list() {
      const names = await readdir(folder).catch((thrown: unknown) => {
        if (isMissing(thrown)) return [];
        throw thrown;
      });
      return names.filter((name) => !name.endsWith(UNFINISHED));
    },
  };
}

/** Puts `bytes` in place of the file, or leaves it as it was. Its folder is made where there is none. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const file = await open(path + UNFINISHED, 'w');
  try {
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(path + UNFINISHED, path);
  } catch (thrown) {
    // On a full disk it would be in the way of the next try.
    await rm(path + UNFINISHED, { force: true });
    throw thrown;
  }
  await syncFolder(folder);
}

/** Makes a rename outlive a power cut, where the system lets a folder be opened. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  try {
    await handle?.sync();
  } catch {
    // Windows refuses; there the rename is written through anyway.
  } finally {
    await handle?.close();
  }
}
