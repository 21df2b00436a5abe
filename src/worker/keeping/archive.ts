// The runs of this browser as the page asks for them: listed, opened by one tab at a time, discarded.
import type { Rung } from '../../checkpoint/ladder';
import { decodeRunState } from '../../checkpoint/runState';
import { err, ok, type Result } from '../../core/result';
import { parameterSpecs } from '../../model/parameters';
import type { EngineError } from '../../protocol/errors';
import type { KeptRuns } from '../../protocol/kept';
import type { StorageRoom } from '../../protocol/snapshots';
import { asLetGo, givingWay } from './givingWay';
import { Ladders, type Ladder } from './ladders';
import { isNewer, listed } from './listed';
import type { OpenedStore } from './openStore';
import type { Keep } from './runKeeper';
import type { Hold, Holder, RunLocks } from './runLocks';
import { storageError } from './storageFailure';
import { Vault, type SavedRun, type StateWritten } from './vault';

/** What keeping runs needs of the browser. */
export interface RunPlace {
  /** Rejects with StorageFailure where there is no storage. */
  openStore(): Promise<OpenedStore>;
  readonly locks: RunLocks;
  /** Milliseconds since 1970. */
  now(): number;
  /** What the browser says of its room; null: nothing. */
  room(): Promise<Omit<StorageRoom, 'place'> | null>;
}

export interface OpenedRun extends SavedRun {
  readonly hold: Hold;
}

interface Opened extends OpenedStore {
  readonly vault: Vault;
  readonly ladders: Ladders;
}

export class Archive {
  private readonly place: RunPlace;
  private readonly onWritten: StateWritten | undefined;
  private opened: Promise<Opened> | null = null;

  constructor(place: RunPlace, onWritten?: StateWritten) {
    this.place = place;
    this.onWritten = onWritten;
  }

  /** Rejects with StorageFailure. */
  async keep(): Promise<Keep> {
    const { vault, ladders } = await this.open();
    return { vault, ladders, locks: this.place.locks };
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.place.now();
  }

  /** @param own the run this tab has open */
  async list(own: string | null = null): Promise<KeptRuns> {
    try {
      const { vault, ladders, place } = await this.open();
      const entries = await listed(vault, ladders);
      const held = new Set(entries.length > 0 ? await this.place.locks.held() : []);
      const runs = entries.map((entry) => ({ ...entry, isElsewhere: entry.runId !== own && held.has(entry.runId) }));
      // A new run of this tab takes the place of the one it has open.
      if (own !== null) held.delete(own);
      return { place, runs, next: givingWay(entries, held, { runId: '' }).map(asLetGo), error: null };
    } catch (thrown) {
      return { place: 'nowhere', runs: [], next: [], error: storageError(thrown) };
    }
  }

  /** A kept run and the right to go on with it, which the caller gives back. @param takeOver also where another tab has it */
  async take(runId: string, takeOver: boolean, holder: Holder): Promise<Result<OpenedRun, EngineError>> {
    let hold: Hold | null = null;
    try {
      const { locks } = this.place;
      const opened = await this.open();
      hold = await (takeOver ? locks.takeOver(runId, holder) : locks.hold(runId, holder));
      if (!hold) return err({ code: 'run-elsewhere', detail: runId });
      const saved = await newestOf(runId, opened);
      if (saved.ok) return ok({ ...saved.value, hold });
      await hold.release();
      return saved;
    } catch (thrown) {
      await hold?.release();
      return err(storageError(thrown));
    }
  }

  async discard(runId: string): Promise<Result<null, EngineError>> {
    try {
      const { vault } = await this.open();
      const { locks } = this.place;
      if ((await locks.held()).has(runId)) return err({ code: 'run-elsewhere', detail: runId });
      await vault.discard(runId);
      return ok(null);
    } catch (thrown) {
      return err(storageError(thrown));
    }
  }

  /** Also of a run that another tab has open. */
  async pin(runId: string, isPinned: boolean): Promise<Result<null, EngineError>> {
    try {
      const { vault } = await this.open();
      await vault.pin(runId, isPinned);
      return ok(null);
    } catch (thrown) {
      return err(storageError(thrown));
    }
  }

  /** Whether a run of this id is kept; false also where nothing can be. */
  async has(runId: string): Promise<boolean> {
    const { runs } = await this.list();
    return runs.some((run) => run.runId === runId);
  }

  /** The moments kept of a run; none also where nothing can be read. */
  async ladder(runId: string): Promise<Ladder | null> {
    try {
      return await (await this.open()).ladders.read(runId);
    } catch {
      return null;
    }
  }

  /** The file of one of them. */
  async file(runId: string, rung: Rung): Promise<Result<Uint8Array, EngineError>> {
    try {
      return await (await this.open()).ladders.file(runId, rung);
    } catch (thrown) {
      return err(storageError(thrown));
    }
  }

  async room(): Promise<StorageRoom> {
    const place = await this.open().then(
      (opened) => opened.place,
      () => 'nowhere' as const,
    );
    const told = await this.place.room().catch(() => null);
    return { place, usage: null, quota: null, isPersisted: null, ...told };
  }

  private open(): Promise<Opened> {
    const opened = (this.opened ??= this.place.openStore().then((found) => ({
      ...found,
      vault: new Vault(found.store, this.onWritten),
      ladders: new Ladders(found.store, this.onWritten),
    })));
    // The next ask tries again: a person may have allowed storage meanwhile.
    opened.catch(() => (this.opened = null));
    return opened;
  }
}

/** The newest that can be read of a run: its safety copy, or a checkpoint kept after it, or the last one where the copies are damaged. */
async function newestOf(runId: string, { vault, ladders }: Opened): Promise<Result<SavedRun, EngineError>> {
  const saved = await vault.load(runId);
  const rungs = (await ladders.read(runId))?.rungs ?? [];
  const step = saved.ok ? saved.value.state.step : -1;
  const copy = { step, savedAt: saved.ok ? await vault.takenAt(runId, step) : null };
  for (const rung of rungs.filter((one) => isNewer(one, copy)).toReversed()) {
    const file = await ladders.file(runId, rung);
    const state = file.ok ? decodeRunState(file.value, parameterSpecs) : null;
    if (!state?.ok) continue;
    const passedOver = saved.ok ? saved.value.passedOver : (saved.error.detail ?? null);
    return ok({ state: state.value, history: await vault.history(runId, rung.step), passedOver });
  }
  return saved;
}
