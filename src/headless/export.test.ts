// What `npm run export` writes, held against a model in float64 that shares no code with the engine.
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseConfigJson } from '../checkpoint/exchange/configJson';
import { openZip } from '../checkpoint/exchange/zip';
import { readSafetensors } from '../checkpoint/safetensors';
import type { RunConfig } from '../config/trainConfig';
import { createDefaultTokenizer } from '../data/default/defaultTokenizer';
import { corpusFolder } from '../testing/corpusFolder';
import { relativeError, valueOf } from '../testing/fixtureModel';
import { ReferenceModel } from '../testing/referenceModel';
import { parseExportArguments } from './arguments';
import { example } from './example';
import { exportRun } from './export';
import { nodePlatform } from './nodePlatform';

const FILES = [
  'README.md',
  'config.json',
  'expected-logits.json',
  'generation_config.json',
  'model.safetensors',
  'tokenizer.json',
  'tokenizer_config.json',
];

let folder: string;
let run: string;
let config: RunConfig;
beforeAll(async () => {
  const made = await corpusFolder();
  ({ folder } = made);
  run = join(folder, 'run');
  config = { ...made.config, model: { ...made.config.model, routedScalingFactor: 2.5 } };
  await example(folder, run, 3, config);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const exported = (out: string, ...options: string[]) =>
  exportRun(parseExportArguments(['--from', run, '--out', out, ...options]), nodePlatform({ publicFolder: folder }));

it.each([
  { options: [], scaling: 2.5 },
  { options: ['--dtype', 'bf16'], scaling: 2.5 },
  { options: ['--dtype', 'F16', '--fold'], scaling: 1 },
])('with $options the files hold a model with the very logits that are written beside it', async ({ options, scaling }) => {
  const out = join(folder, ['out', ...options].join(''));
  const { step, nonFinite } = await exported(out, ...options);
  expect([step, nonFinite]).toEqual([3, 0]);
  expect((await readdir(out)).sort()).toEqual(FILES);
  const text = (name: string) => readFile(join(out, name), 'utf8');
  const { model } = valueOf(parseConfigJson(await text('config.json')));
  expect(model).toEqual({ ...config.model, routedScalingFactor: scaling });
  const tensors = valueOf(readSafetensors(new Uint8Array(await readFile(join(out, 'model.safetensors')))));
  const expected = JSON.parse(await text('expected-logits.json')) as Record<'input_ids' | 'logits', number[][]> & {
    tolerance: number;
    text?: string;
  };
  const [ids] = expected.input_ids as [number[]];
  const { logits } = new ReferenceModel(model, tensors).run(ids);
  expect(relativeError((expected.logits[0] as unknown as number[][]).flat(), logits.flat())).toBeLessThan(expected.tolerance);
  if (expected.text !== undefined) expect([...createDefaultTokenizer().encode(expected.text)]).toEqual(ids);
});

it('folded and plain weights give the same logits', async () => {
  const logitsWith = async (...options: string[]) => {
    const out = join(folder, ['same', ...options].join(''));
    await exported(out, ...options);
    return (JSON.parse(await readFile(join(out, 'expected-logits.json'), 'utf8')) as { logits: number[][][] }).logits.flat(2);
  };
  expect(relativeError(await logitsWith('--fold'), await logitsWith())).toBeLessThan(1e-4);
});

it('a name that ends in .zip becomes one zip of the same files', async () => {
  const out = join(folder, 'model.zip');
  await exported(out);
  const files = valueOf(await openZip(new Blob([await readFile(out)]), 'model.zip'));
  expect([...files.keys()].sort()).toEqual(FILES.filter((name) => name !== 'expected-logits.json'));
  const weights = valueOf(await files.get('model.safetensors')!.read());
  const plain = join(folder, 'unpacked');
  await exported(plain);
  expect(Buffer.from(await weights.arrayBuffer()).equals(await readFile(join(plain, 'model.safetensors')))).toBe(true);
});

it('says which run is not there, and which type nobody knows', async () => {
  run = join(folder, 'elsewhere');
  await expect(exported(join(folder, 'x'))).rejects.toThrow('there is no such file or folder');
  expect(() => parseExportArguments(['--from', 'x', '--out', 'y', '--dtype', 'f8'])).toThrow('has to be one of: F32, BF16, F16');
  expect(() => parseExportArguments(['--from', 'x'])).toThrow('--out is missing');
});
