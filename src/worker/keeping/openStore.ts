// Which storage this browser has for runs.
import type { BlobStore } from '../../checkpoint/blobStore';
import type { StoragePlace } from '../../protocol/kept';
import { createIndexedDbStore } from './indexedDbStore';
import { createOpfsStore } from './opfsStore';
import { StorageFailure, storageFailureOf } from './storageFailure';
import { passTornName } from './tornLogs';
import { whileHeld } from './whileHeld';

export interface OpenedStore {
  readonly store: BlobStore;
  readonly place: StoragePlace;
}

/** What of a worker's scope storage needs; each part is missing somewhere. */
export interface StorageScope {
  readonly storage?: Pick<StorageManager, 'getDirectory'>;
  readonly indexedDB?: IDBFactory;
  /** Whether files can be opened synchronously here. */
  readonly hasSyncHandles: boolean;
}

const FOLDER = 'runs';
const DATABASE = 'switchyard.runs';

/** Files where there can be, else a database. Rejects with StorageFailure where there is neither. */
export async function openStore(
  { storage, indexedDB, hasSyncHandles }: StorageScope,
  breathe: () => Promise<void>,
): Promise<OpenedStore> {
  let refusal: StorageFailure | null = null;
  if (storage && hasSyncHandles) {
    try {
      const folder = async (): Promise<FileSystemDirectoryHandle> => {
        const root = await storage.getDirectory();
        await passTornName(root);
        return whileHeld(root, () => root.getDirectoryHandle(FOLDER, { create: true }));
      };
      return { store: createOpfsStore(await folder(), folder, breathe), place: 'files' };
    } catch (thrown) {
      refusal = storageFailureOf(thrown);
    }
  }
  if (indexedDB) return { store: await createIndexedDbStore(indexedDB, DATABASE), place: 'database' };
  throw refusal ?? new StorageFailure('denied', 'this browser offers neither files nor a database here');
}
