// Folders of published checkpoints, for tests of what writes and reads them.
import { fileOf, folderOf, type Folder } from '../checkpoint/exchange/folder';
import type { ImportOptions } from '../checkpoint/exchange/importFolder';
import { parameterSpecs } from '../model/parameters';
import { valueOf } from './fixtureModel';
import { readFixture } from './fixtures';

export type Bytes = Uint8Array<ArrayBuffer>;
export type Files = ReadonlyMap<string, Bytes>;

/** No limit that a fixture could reach. */
export const ROOMY: ImportOptions = { specsOf: parameterSpecs, limits: { total: 2 ** 30, tensor: 2 ** 30 } };

/** config.json and model.safetensors of a reference model. */
export async function fixtureFiles(name: string): Promise<Files> {
  const names = ['config.json', 'model.safetensors'];
  const files = await Promise.all(names.map((file) => readFixture(`${name}/${file}`)));
  return new Map(names.map((file, index) => [file, new Uint8Array(files[index]!)]));
}

export const inFolder = (files: Files): Folder =>
  valueOf(folderOf([...files].map(([name, bytes]) => [name, fileOf(new Blob([bytes]))] as const)));

export const textBytes = (text: string): Bytes => new TextEncoder().encode(text);
