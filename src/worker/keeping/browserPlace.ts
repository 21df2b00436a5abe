// What this browser has for keeping runs. A worker's scope lacks some of it over plain http and in private windows.
import type { RunPlace } from './archive';
import { openStore } from './openStore';
import { createWebRunLocks } from './runLocks';
import { createWhisperedLocks } from './whisperedLocks';

const CHANNEL = 'switchyard.runs';

/** Parts that the type library promises and an insecure address does not have. */
type Scope = Partial<Pick<WorkerNavigator, 'storage' | 'locks'>>;

export function browserPlace(breathe: () => Promise<void>): RunPlace {
  const { storage, locks } = self.navigator as Scope;
  const whispers = new BroadcastChannel(CHANNEL);
  const hasSyncHandles =
    typeof FileSystemFileHandle !== 'undefined' && 'createSyncAccessHandle' in FileSystemFileHandle.prototype;
  return {
    openStore: () => openStore({ storage, indexedDB: self.indexedDB, hasSyncHandles }, breathe),
    locks: locks ? createWebRunLocks(locks, whispers) : createWhisperedLocks(whispers),
    now: () => Date.now(),
    async room() {
      if (!storage) return null;
      const { usage = null, quota = null } = await storage.estimate();
      return { usage, quota, isPersisted: await storage.persisted() };
    },
  };
}
