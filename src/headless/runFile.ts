// A run as one file: what the page downloads and opens, and what a run folder holds twice.
import { readFile, stat } from 'node:fs/promises';
import { decodeRunFile, encodeRunFile } from '../checkpoint/runFile';
import type { RunState } from '../checkpoint/runState';
import { parameterSpecs } from '../model/parameters';
import { replaceFile } from './fileStore';
import { inWords, readable, RunFolder } from './runFolder';
import { codeOf, Trouble } from './trouble';

const A_RUN = 'A run is a folder that `npm run train -- --out` made, or a file that --save-as or the page saved';

/** The run in `path`, a file or the folder of a run. Throws Trouble, which names `option`, where there is none to read. */
export async function readRun(path: string, option: string): Promise<RunState> {
  const refuse = (fault: string): never => {
    throw new Trouble(`--${option} ${path}${fault}. ${A_RUN}.`, 2);
  };
  const found = await stat(path).catch((thrown: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(thrown) ?? '')) return refuse(': there is no such file or folder');
    throw thrown;
  });
  if (found.isDirectory()) return (await new RunFolder(path).load()) ?? refuse(': nothing was ever saved in it');
  // A device may have no end.
  if (!found.isFile()) return refuse(' is neither a file nor a folder');
  const state = await readable(async () => inWords(await decodeRunFile(await readFile(path), parameterSpecs)));
  return state.ok ? state.value : refuse(` is no run state: ${state.error}`);
}

export async function writeRun(path: string, state: RunState): Promise<void> {
  await replaceFile(path, await encodeRunFile(state, parameterSpecs));
}
