// The kept moments of a run, and what the storage that holds them has left.
import type { Rung } from '../checkpoint/ladder';
import type { EngineError } from './errors';
import type { StoragePlace } from './kept';

export interface RunSnapshots {
  readonly runId: string;
  /** Step 0 is there without a file: it is drawn from the seed. */
  readonly isFromSeed: boolean;
  /** In ascending order of steps. */
  readonly rungs: readonly Rung[];
  /** Moments that were due since the run was opened here and were passed over, because too many still waited for the storage. */
  readonly missed: number;
  /** Why the newest moment could not be kept. Training goes on. */
  readonly error: EngineError | null;
}

export interface StorageRoom {
  readonly place: StoragePlace;
  /** Bytes used and allowed for this page, as the browser estimates them; null where it does not say. */
  readonly usage: number | null;
  readonly quota: number | null;
  /** The browser has promised not to clear it by itself; null where it does not say. */
  readonly isPersisted: boolean | null;
}
