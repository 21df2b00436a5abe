// The runs a browser keeps, each under its id in one store: its state, its history, and a short description, each in two slots.
// The state is what counts. The history is written before it and cut where the state stands; the description after it, for the list.
import type { BlobStore } from '../../checkpoint/blobStore';
import { decodeRunState, encodeRunState, type RunState } from '../../checkpoint/runState';
import { commit, newestCommit, type Place } from '../../checkpoint/slots';
import { KEPT_RUNS } from '../../config/snapshotSettings';
import { err, ok, type Result } from '../../core/result';
import { parameterSpecs } from '../../model/parameters';
import type { EngineError } from '../../protocol/errors';
import type { KeptRun, RunHistory } from '../../protocol/kept';
import { runName } from '../runName';
import { NO_HISTORY, readHistory } from './historyRecord';
import { storageFailureOf } from './storageFailure';

const PARTS = ['state', 'history', 'about'] as const;
type Part = (typeof PARTS)[number];

export type KeptEntry = Omit<KeptRun, 'isElsewhere'>;
type About = Pick<KeptEntry, 'step' | 'savedAt' | 'backend' | 'parent'>;

export interface SavedRun {
  readonly state: RunState;
  readonly history: RunHistory;
  /** A newer copy that could not be read; null: there is none. */
  readonly passedOver: string | null;
}

/** Called when the bytes of a state at `step` are there and do not count yet; what it throws ends the saving. */
export type StateWritten = (step: number) => void;

/** Without the bytes, which would be held for as long as the run. */
const placeOf = ({ slot, sequence }: Place): Place => ({ slot, sequence });
const partName = (runId: string, part: Part): string => `${runId}.${part}`;
const RUN_ID = /^([0-9a-z-]{1,64})\.state\.[ab]\.commit$/;

export class Vault {
  private readonly store: BlobStore;
  private readonly keptRuns: number;
  private readonly onWritten: StateWritten | undefined;
  /** Where the newest version of each part lies, by name; what was not looked up yet is missing. */
  private readonly places = new Map<string, Place | null>();

  /** @param keptRuns runs kept at most */
  constructor(store: BlobStore, keptRuns = KEPT_RUNS, onWritten?: StateWritten) {
    this.store = store;
    this.keptRuns = keptRuns;
    this.onWritten = onWritten;
  }

  /** The one saved last comes first. Rejects with StorageFailure. */
  async list(): Promise<KeptEntry[]> {
    const entries: KeptEntry[] = [];
    for (const runId of await this.runIds()) entries.push({ runId, name: runName(runId), ...(await this.about(runId)) });
    // A run whose description was never finished was saved at the very last moment.
    const age = ({ savedAt }: KeptEntry): number => (Number.isNaN(savedAt) ? Infinity : savedAt);
    return entries.sort((one, other) => age(other) - age(one) || 0);
  }

  /** The newest state that is whole, and its history. Rejects with StorageFailure where the storage cannot be read. */
  async load(runId: string): Promise<Result<SavedRun, EngineError>> {
    const found = await newestCommit(this.store, partName(runId, 'state'));
    if (!found.ok) return err({ code: 'storage-damaged', detail: found.error.detail });
    if (!found.value) return err({ code: 'storage-damaged', detail: `nothing is kept of ${runName(runId)} (${runId})` });
    const state = decodeRunState(found.value.bytes, parameterSpecs);
    if (!state.ok) return err({ code: 'storage-damaged', detail: `${state.error.offence}: ${state.error.detail}` });
    // Another tab may have written since this one last did.
    for (const part of PARTS) this.places.delete(partName(runId, part));
    this.places.set(partName(runId, 'state'), placeOf(found.value));
    const { passedOver } = found.value;
    return ok({ state: state.value, history: await this.history(runId, state.value.step), passedOver });
  }

  /** When the copy of `step` was taken, milliseconds since 1970; null: not known. Rejects with StorageFailure. */
  async takenAt(runId: string, step: number): Promise<number | null> {
    const about = await this.readAbout(runId);
    return about?.step === step ? about.savedAt : null;
  }

  /** What the run has told up to `step`, as far as it can be read. Rejects with StorageFailure. */
  async history(runId: string, step: number): Promise<RunHistory> {
    const found = await newestCommit(this.store, partName(runId, 'history'));
    const bytes = found.ok ? found.value?.bytes : undefined;
    return bytes ? readHistory(bytes, step) : NO_HISTORY;
  }

  /**
   * Rejects with StorageFailure; the version before is then untouched, unless only the history could not be written.
   * @param now milliseconds since 1970
   * @param isTaken whether the run has come to belong to another tab, which then ends the writing
   * @returns whether the state was saved; false: the run is taken
   */
  async save(state: RunState, history: Uint8Array, now: number, isTaken: () => boolean): Promise<boolean> {
    const { runId, step, identity, parent } = state;
    const about: About = { step, savedAt: now, backend: identity.backend, ...(parent && { parent }) };
    if (isTaken()) return false;
    // A history that cannot be written costs the curves, not the run.
    const failure = await this.write(runId, 'history', history).then(
      () => null,
      (thrown: unknown) => storageFailureOf(thrown),
    );
    if (isTaken()) return false;
    await this.write(runId, 'state', encodeRunState(state, parameterSpecs), () => this.onWritten?.(step));
    if (!isTaken()) await this.write(runId, 'about', new TextEncoder().encode(JSON.stringify(about)));
    if (failure) throw failure;
    return true;
  }

  /** Removes everything of a run, what makes it one first. Rejects with StorageFailure. */
  async discard(runId: string): Promise<void> {
    const names = (await this.store.list()).filter((name) => name.startsWith(`${runId}.`));
    const isCommit = (name: string): number => (name.endsWith('.commit') ? 0 : 1);
    for (const name of names.sort((one, other) => isCommit(one) - isCommit(other))) await this.store.remove(name);
    for (const part of PARTS) this.places.delete(partName(runId, part));
  }

  /**
   * Lets go of the oldest runs before `newcomer` is kept, and of what a cut discard or first save has left behind. Rejects with StorageFailure.
   * @param held runs that some tab has open, asked for after what there is was looked at: a tab locks a run before it writes it
   */
  async makeRoom(newcomer: string, held: () => Promise<ReadonlySet<string>>): Promise<void> {
    const owners = new Set((await this.store.list()).map((name) => name.slice(0, name.indexOf('.'))));
    const listed = await this.list();
    const open = await held();
    const isInUse = (runId: string): boolean => runId === newcomer || open.has(runId);
    const spare = listed.filter(({ runId }) => !isInUse(runId));
    for (const { runId } of spare.slice(this.keptRuns - 1)) await this.discard(runId);
    const whole = await this.runIds();
    for (const runId of owners) if (!whole.includes(runId) && !isInUse(runId)) await this.discard(runId);
  }

  private async runIds(): Promise<string[]> {
    return [...new Set((await this.store.list()).flatMap((name) => RUN_ID.exec(name)?.[1] ?? []))];
  }

  private async readAbout(runId: string): Promise<About | null> {
    const found = await newestCommit(this.store, partName(runId, 'about'));
    try {
      return found.ok && found.value ? (JSON.parse(new TextDecoder().decode(found.value.bytes)) as About) : null;
    } catch {
      return null; // Written by another version.
    }
  }

  private async about(runId: string): Promise<About> {
    const about = await this.readAbout(runId);
    if (about) return about;
    // The state tells the same, only slower.
    const saved = await this.load(runId);
    if (!saved.ok) return { step: 0, savedAt: NaN, backend: '' };
    const { step, identity, parent } = saved.value.state;
    return { step, savedAt: NaN, backend: identity.backend, ...(parent && { parent }) };
  }

  private async write(runId: string, part: Part, bytes: Uint8Array, onWritten?: () => void): Promise<void> {
    const name = partName(runId, part);
    let place = this.places.get(name);
    if (place === undefined) {
      const found = await newestCommit(this.store, name);
      place = found.ok && found.value ? placeOf(found.value) : null;
    }
    this.places.set(name, await commit(this.store, name, bytes, place, onWritten));
  }
}
