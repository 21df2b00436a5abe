// A run as one file: what the page downloads and opens, and what a run folder holds twice.
import { readFile, stat } from 'node:fs/promises';
import { decodeRunState, encodeRunState, type RunState } from '../checkpoint/runState';
import { parameterSpecs } from '../model/parameters';
import { replaceFile } from './fileStore';
import { RunFolder } from './runFolder';
import { Trouble } from './trouble';

/** The run in `path`, a file or the folder of a run. Throws Trouble, which names `option`, where there is none to read. */
export async function readRun(path: string, option: string): Promise<RunState> {
  const found = await stat(path).catch(() => null);
  if (!found) throw new Trouble(`--${option} ${path}: there is no such file or folder.`, 2);
  if (found.isDirectory()) {
    const saved = await new RunFolder(path).load();
    if (!saved) throw new Trouble(`--${option}: nothing was ever saved in ${path}.`, 2);
    return saved;
  }
  const state = decodeRunState(new Uint8Array(await readFile(path)), parameterSpecs);
  if (state.ok) return state.value;
  throw new Trouble(`--${option} ${path} is no run state: ${state.error.offence}, ${state.error.detail}.`, 2);
}

export async function writeRun(path: string, state: RunState): Promise<void> {
  await replaceFile(path, encodeRunState(state, parameterSpecs));
}
