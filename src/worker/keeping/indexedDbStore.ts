// Blobs as records of a database: for browsers and addresses (plain http) without a private file system. A write is one transaction, so a
// record is the old one or the new one.
import type { BlobStore } from '../../checkpoint/blobStore';
import { storageFailureOf } from './storageFailure';
import { fillLog } from './tornLogs';

const BLOBS = 'blobs';

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(storageFailureOf(request.error));
  });
}

/** Opens or makes the database `name`. It and every method reject with StorageFailure. */
export async function createIndexedDbStore(factory: IDBFactory, name: string): Promise<BlobStore> {
  let opened: IDBDatabase | null = await open(factory, name);

  /** A browser that is cleared closes the database under the page. */
  async function database(): Promise<IDBDatabase> {
    opened ??= await open(factory, name);
    opened.onclose = () => (opened = null);
    return opened;
  }

  async function done(work: (blobs: IDBObjectStore) => void): Promise<void> {
    const transaction = (await database()).transaction(BLOBS, 'readwrite', { durability: 'strict' });
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(storageFailureOf(transaction.error));
      work(transaction.objectStore(BLOBS));
    });
  }
  let filled: Promise<void> | null = null;
  /** The first change of all finds a log that no killed process has left; without room for that, the change itself tells it. */
  async function change(work: (blobs: IDBObjectStore) => void): Promise<void> {
    await (filled ??= done(fillLog).catch(() => undefined));
    return done(work);
  }
  const asked = async <T>(ask: (blobs: IDBObjectStore) => IDBRequest<T>): Promise<T> =>
    settled(ask((await database()).transaction(BLOBS, 'readonly').objectStore(BLOBS)));

  return {
    async read(blob) {
      const found: unknown = await asked((blobs) => blobs.get(blob));
      return found instanceof Uint8Array ? found : null;
    },
    write: (blob, bytes) => change((blobs) => void blobs.put(bytes, blob)),
    remove: (blob) => change((blobs) => void blobs.delete(blob)),
    async list() {
      const keys = await asked((blobs) => blobs.getAllKeys());
      return keys.filter((key) => typeof key === 'string');
    },
  };
}

async function open(factory: IDBFactory, name: string): Promise<IDBDatabase> {
  try {
    const request = factory.open(name, 1);
    request.onupgradeneeded = () => void request.result.createObjectStore(BLOBS);
    return await settled(request);
  } catch (thrown) {
    throw storageFailureOf(thrown);
  }
}
