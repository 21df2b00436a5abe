// What a person named to be written to, looked at before the work whose fruit it is to get.
import { stat } from 'node:fs/promises';
import { codeOf, Trouble } from './trouble';

/** Throws Trouble, which names `option`, where `path` cannot be the folder it has to be. One that is not there can be made. */
export const checkFolder = (option: string, path: string): Promise<void> => check(option, path, 'folder');

/** The same of a file. */
export const checkFile = (option: string, path: string): Promise<void> => check(option, path, 'file');

async function check(option: string, path: string, wanted: 'folder' | 'file'): Promise<void> {
  const found = await stat(path).catch((thrown: unknown) => {
    if (codeOf(thrown) === 'ENOTDIR')
      throw new Trouble(`--${option} ${path} lies below a file: name a path whose folders are folders.`, 2);
    return null;
  });
  if (!found || found.isDirectory() === (wanted === 'folder')) return;
  const there = found.isDirectory() ? 'folder' : 'file';
  throw new Trouble(`--${option} ${path} is a ${there}, but has to be a ${wanted}, or a name that is free.`, 2);
}
