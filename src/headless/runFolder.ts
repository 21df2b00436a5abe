// A run on disk: its states in two slots, its history beside them.
import { join } from 'node:path';
import { decodeRunState, encodeRunState, type RunState } from '../checkpoint/runState';
import { commit, newestCommit, type Place } from '../checkpoint/slots';
import { parameterSpecs } from '../model/parameters';
import { createFileStore } from './fileStore';
import { Trouble } from './trouble';

const STATE = 'state';

export class RunFolder {
  readonly path: string;
  private readonly store;
  private place: Place | null = null;

  constructor(path: string) {
    this.path = path;
    this.store = createFileStore(path);
  }

  get historyPath(): string {
    return join(this.path, 'history.jsonl');
  }

  /** The newest state; null where none was saved. Throws Trouble where what was saved cannot be read. */
  async load(): Promise<RunState | null> {
    const found = await newestCommit(this.store, STATE);
    if (!found.ok) throw new Trouble(`The state in ${this.path} is damaged: ${found.error.detail}.`);
    if (!found.value) return null;
    const state = decodeRunState(found.value.bytes, parameterSpecs);
    if (!state.ok) throw new Trouble(`The state in ${this.path} cannot be read: ${state.error.offence}, ${state.error.detail}.`);
    this.place = found.value;
    return state.value;
  }

  /** Saves a state after those that `load` found. */
  async save(state: RunState): Promise<void> {
    this.place = await commit(this.store, STATE, encodeRunState(state, parameterSpecs), this.place);
  }
}
