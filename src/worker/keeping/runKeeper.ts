// Keeps one run while it trains: a safety copy every few seconds of training, and one whenever it rests. What goes wrong is told and
// tried again; training goes on.
import type { Rung } from '../../checkpoint/ladder';
import type { RunParent, RunState } from '../../checkpoint/runState';
import type { EngineError } from '../../protocol/errors';
import type { Keeping, LetGo } from '../../protocol/kept';
import type { TrainerState } from '../../training/state';
import { makeRoom } from './givingWay';
import type { HistoryRecord } from './historyRecord';
import { LadderKeeper, type LadderParts } from './ladderKeeper';
import type { Ladders } from './ladders';
import type { LiveLadder } from './momentFile';
import type { Hold, Holder, RunLocks } from './runLocks';
import { storageError, StorageFailure } from './storageFailure';
import { stuckSince } from './stuck';
import type { Told, Vault } from './vault';

/** Between two safety copies while training, ms. */
export const SAVE_EVERY_MS = 5000;
/** After a failure: a full disk does not empty itself in seconds. */
const RETRY_AFTER_MS = 30_000;

/** Where runs are kept, and by whom. */
export interface Keep {
  readonly vault: Vault;
  readonly ladders: Ladders;
  readonly locks: RunLocks;
}

export interface KeeperParts {
  /** Rejects with StorageFailure where there is nowhere to keep a run. */
  readonly keep: () => Promise<Keep>;
  readonly about: Pick<RunState, 'runId' | 'config' | 'identity' | 'parent'>;
  readonly history: HistoryRecord;
  /** Where the run stands, when asked between two events of the trainer. */
  readonly capture: () => Promise<TrainerState>;
  /** Milliseconds that only ever grow. */
  readonly clock: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly tell: (keeping: Keeping) => void;
  /** A kept run has given way to this one. */
  readonly tellLetGo: (run: LetGo) => void;
  readonly holder: Holder;
  /** The lock of a run that was kept before; null: taken with the first copy. */
  readonly hold: Hold | null;
  /** The step at which it was kept before; null: never. */
  readonly saved: number | null;
  /** What its moments need besides, and those kept already. */
  readonly ladder: Pick<LadderParts, 'settings' | 'train' | 'captureWeights' | 'tell' | 'cutAfter'> & {
    readonly rungs: readonly Rung[];
  };
}

interface Copy {
  readonly state: Promise<TrainerState>;
  /** When it was taken: what was kept of a later step before that is of another past. Milliseconds since 1970. */
  readonly at: number;
  readonly told: Told;
}

export class RunKeeper {
  readonly history: HistoryRecord;
  readonly ladder: LadderKeeper;
  private readonly parts: KeeperParts;
  private hold: Hold | null;
  private saved: number | null;
  private error: EngineError | null = null;
  private due: number;
  /** When the newest copy began, ms. */
  private began = 0;
  /** Waits for the copy under way; a newer one takes its place. */
  private next: Copy | null = null;
  private writing: Promise<void> | null = null;
  private owning: Promise<Keep> | null = null;
  private isTaken = false;
  /** Something other than a step has changed the run since the newest copy was taken. */
  private isChanged = false;

  constructor(parts: KeeperParts) {
    this.parts = parts;
    this.history = parts.history;
    this.hold = parts.hold;
    this.saved = parts.saved;
    this.due = parts.clock() + SAVE_EVERY_MS;
    this.tell();
    const { rungs, ...ladder } = parts.ladder;
    const { about, capture, clock, now } = parts;
    this.ladder = new LadderKeeper(
      {
        ...ladder,
        ...{ about, capture, clock, now },
        isFromSeed: about.parent === undefined,
        loss: () => this.history.newestLoss,
        keepRun: () => this.keepFirst(),
        own: () => this.own(),
        isTaken: () => this.isTaken,
      },
      rungs,
    );
  }

  get about(): LiveLadder {
    const { runId, config, identity, parent } = this.parts.about;
    return { runId, config, identity, isFromSeed: parent === undefined };
  }

  get parent(): RunParent | undefined {
    return this.parts.about.parent;
  }

  /** Ask after each finished step: begins a copy, or keeps a moment, where one is due, and does not wait for it. */
  afterStep(step: number): void {
    this.ladder.afterStep(step);
    this.lookForStuck();
    if (this.writing === null && this.parts.clock() >= this.due) void this.save();
  }

  /** A live change is part of the run: a resting run is saved again. @param resting steps finished; null while it trains */
  noteChange(resting: number | null): void {
    this.isChanged = true;
    if (resting !== null) void this.rest(resting);
  }

  /** Training rests after `step` steps: resolves when that is saved or could not be. Ask between two events of the trainer. */
  async rest(step: number): Promise<void> {
    if ((step === 0 && !this.hold) || (this.writing === null && step === this.saved && !this.isChanged)) return;
    await this.save();
  }

  /** Why the run is not kept as it stands after `step` steps, once it has rested there; null: it is. */
  unkept(step: number): EngineError | null {
    if (this.saved === step && !this.isChanged) return null;
    return this.error ?? { code: 'model-unavailable', detail: `nothing is kept of step ${step}` };
  }

  /** Resolves when nothing is being written any more; others may then have the run. */
  async end(): Promise<void> {
    await this.ladder.end();
    await this.writing;
    await this.hold?.release();
    this.hold = null;
  }

  /** Another tab has the run: nothing more is written. */
  abandon(): void {
    this.isTaken = true;
    this.next = null;
    this.hold = null;
  }

  private lookForStuck(): void {
    const stuck = stuckSince(this.writing ? this.began : null, this.parts.clock(), this.saved);
    if (!stuck || this.isTaken || this.error?.code === stuck.code) return;
    this.error = stuck;
    this.tell();
  }

  /** A run of which only moments are kept is none. Ask between two events of the trainer. @returns why it cannot be kept; null: it is */
  private async keepFirst(): Promise<EngineError | null> {
    if (this.saved === null) await (this.writing ?? this.save());
    return this.saved === null ? this.error : null;
  }

  private save(): Promise<void> {
    if (this.isTaken) return Promise.resolve();
    this.isChanged = false;
    // Both are taken now: training may go on while they are written.
    const state = this.parts.capture();
    state.catch(() => undefined); // looked at in its turn
    const told = { history: this.history.bytes(), loss: this.history.newestLoss };
    this.next = { state, at: this.parts.now(), told };
    this.writing ??= this.writeAll().finally(() => (this.writing = null));
    return this.writing;
  }

  private async writeAll(): Promise<void> {
    const { clock } = this.parts;
    for (let copy = this.next; copy; copy = this.next) {
      this.next = null;
      this.began = clock();
      this.due = this.began + SAVE_EVERY_MS;
      try {
        await this.write(copy);
        this.error = null;
      } catch (thrown) {
        this.error = storageError(thrown);
        this.due = this.began + RETRY_AFTER_MS;
      }
      if (!this.isTaken) this.tell();
    }
  }

  private async write(copy: Copy): Promise<void> {
    const { about } = this.parts;
    const state = await copy.state;
    const { vault } = await this.own();
    const whole: RunState = { ...state, ...about, historyPosition: 0 };
    if (await vault.save(whole, copy.told, copy.at, () => this.isTaken)) this.saved = state.step;
    void this.ladder.cut();
  }

  /** The storage, and the right to write this run into it. Rejects with StorageFailure. */
  private own(): Promise<Keep> {
    return (this.owning ??= this.takeHold().finally(() => (this.owning = null)));
  }

  private async takeHold(): Promise<Keep> {
    const { about, keep, holder, tellLetGo } = this.parts;
    const place = await keep();
    if (this.hold || this.isTaken) return place;
    this.hold = await place.locks.hold(about.runId, holder);
    // Another tab found the run in the list before it was locked here.
    if (!this.hold) throw new StorageFailure('failed', `${about.runId} is open in another tab`);
    await makeRoom(place, about, tellLetGo);
    return place;
  }

  private tell(): void {
    const { tell, about } = this.parts;
    tell({ runId: about.runId, saved: this.saved, error: this.error });
  }
}
