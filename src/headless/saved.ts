// A saved run made ready to be asked.
import type { RunState } from '../checkpoint/runState';
import type { BackendName } from '../kernels/backends';
import { Trainer } from '../training/trainer';
import type { Platform } from '../worker/platform';
import { BACKENDS, batchesOf, checkSameText, loadText, startEngine, type Text } from './engine';
import { readRun } from './runFile';

export interface OpenedRun {
  readonly state: RunState;
  readonly text: Text;
  readonly trainer: Trainer;
}

/** Starts `backend` (null: the run's own) with the newest state in `path`, a file or the folder of a run. Throws Trouble. */
export async function openSaved(path: string, backend: BackendName | null, platform: Platform): Promise<OpenedRun> {
  return openState(await readRun(path, 'from'), backend, platform);
}

/** The same of a state that was read already. */
export async function openState(state: RunState, backend: BackendName | null, platform: Platform): Promise<OpenedRun> {
  const text = await loadText(platform.readAsset);
  checkSameText(state.identity, text);
  await startEngine(backend ?? BACKENDS.find((known) => known === state.identity.backend) ?? 'wasm');
  return { state, text, trainer: new Trainer(state.config, batchesOf(text, state.config), { resume: state }) };
}
