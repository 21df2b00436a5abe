// The runs a browser keeps, each under its id in one store: its state, its history, and a short description, each in two slots.
// The state is what counts. The history is written before it and cut where the state stands; the description after it, for the list.
import type { BlobStore } from '../../checkpoint/blobStore';
import { decodeRunState, encodeRunState, type RunState } from '../../checkpoint/runState';
import { commit, newestCommit, SLOTS, type Place } from '../../checkpoint/slots';
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
/** Loss and bytes came later: a description written before says neither. */
type About = Pick<KeptEntry, 'step' | 'savedAt' | 'backend' | 'parent' | 'loss' | 'bytes'>;

/** What a run has told so far, as it is kept beside its state. */
export interface Told {
  readonly history: Uint8Array;
  /** Training loss of the newest step, nats a token; null before the first. */
  readonly loss: number | null;
}

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
/** A run is pinned while this blob is there, whatever it holds: any tab may write it, and no save touches it. */
const pinName = (runId: string): string => `${runId}.pin`;
const RUN_ID = /^([0-9a-z-]{1,64})\.state\.[ab]\.commit$/;

const idsIn = (names: readonly string[]): string[] => [...new Set(names.flatMap((name) => RUN_ID.exec(name)?.[1] ?? []))];

export class Vault {
  private readonly store: BlobStore;
  private readonly onWritten: StateWritten | undefined;
  /** Where the newest version of each part lies, by name; what was not looked up yet is missing. */
  private readonly places = new Map<string, Place | null>();

  constructor(store: BlobStore, onWritten?: StateWritten) {
    this.store = store;
    this.onWritten = onWritten;
  }

  /** The one saved last comes first. Rejects with StorageFailure. */
  async list(): Promise<KeptEntry[]> {
    const entries: KeptEntry[] = [];
    const names = await this.store.list();
    for (const runId of idsIn(names))
      entries.push({ ...(await this.about(runId)), runId, name: runName(runId), isPinned: names.includes(pinName(runId)) });
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
  async save(state: RunState, { history, loss }: Told, now: number, isTaken: () => boolean): Promise<boolean> {
    const { runId, step, identity, parent } = state;
    if (isTaken()) return false;
    // A history that cannot be written costs the curves, not the run.
    const failure = await this.write(runId, 'history', history).then(
      () => null,
      (thrown: unknown) => storageFailureOf(thrown),
    );
    if (isTaken()) return false;
    const bytes = encodeRunState(state, parameterSpecs);
    await this.write(runId, 'state', bytes, () => this.onWritten?.(step));
    const about: About = {
      ...{ step, savedAt: now, backend: identity.backend, bytes: SLOTS.length * (bytes.length + history.length) },
      ...(loss !== null && Number.isFinite(loss) && { loss }),
      ...(parent && { parent }),
    };
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

  /** Rejects with StorageFailure. */
  async pin(runId: string, isPinned: boolean): Promise<void> {
    await (isPinned ? this.store.write(pinName(runId), Uint8Array.of(1)) : this.store.remove(pinName(runId)));
  }

  /** What belongs to a run that was never whole, or is not any more, by the run's id. Rejects with StorageFailure. */
  async remnants(): Promise<string[]> {
    const names = await this.store.list();
    const whole = new Set(idsIn(names));
    return [...new Set(names.map((name) => name.slice(0, name.indexOf('.'))))].filter((owner) => !whole.has(owner));
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
