// A run on disk: its states in two slots, its history beside them.
import { join } from 'node:path';
import { decodeRunState, encodeRunState, type RunState, type RunStateError } from '../checkpoint/runState';
import { commit, newestCommit, type Place } from '../checkpoint/slots';
import { err, ok, type Result } from '../core/result';
import { parameterSpecs } from '../model/parameters';
import { createFileStore } from './fileStore';
import { Trouble } from './trouble';

const STATE = 'state';
const ADVICE = 'Name a copy of the folder from before, or train anew in another one.';

/** What `read` makes of a file. One that is larger or nested deeper than anything of ours ends in a RangeError, and is a fault of the file. */
export async function readable<T>(read: () => Promise<Result<T, string>>): Promise<Result<T, string>> {
  try {
    return await read();
  } catch (thrown) {
    if (thrown instanceof RangeError) return err(`it is too large or nested too deep (${thrown.message})`);
    throw thrown;
  }
}

/** In words what is wrong with the bytes of a state. */
export const inWords = (state: Result<RunState, RunStateError>): Result<RunState, string> =>
  state.ok ? state : err(`${state.error.offence}, ${state.error.detail}`);

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
    const saved = await readable(async () => {
      const found = await newestCommit(this.store, STATE);
      if (!found.ok) throw new Trouble(`The state in ${this.path} is damaged: ${found.error.detail}. ${ADVICE}`);
      if (!found.value) return ok(null);
      const state = inWords(decodeRunState(found.value.bytes, parameterSpecs));
      return state.ok ? ok({ place: found.value, state: state.value }) : state;
    });
    if (!saved.ok) throw new Trouble(`The state in ${this.path} cannot be read: ${saved.error}. ${ADVICE}`);
    if (!saved.value) return null;
    this.place = saved.value.place;
    return saved.value.state;
  }

  /** Saves a state after those that `load` found. */
  async save(state: RunState): Promise<void> {
    this.place = await commit(this.store, STATE, encodeRunState(state, parameterSpecs), this.place);
  }
}
