// The command that makes the page's own model, on a small one: rung by rung, and stopped and gone on with.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from './lib/run.mjs';

const SMALL = [
  'model.hiddenSize=16',
  'model.headDim=4',
  'model.numHiddenLayers=2',
  'train.batchSize=4',
  'train.sequenceLength=16',
];

let folder;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pretrain-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

const pretrain = (name, rungs) =>
  promisify(execFile)(process.execPath, [
    join(root, 'scripts/pretrain.mjs'),
    ...['--rungs', rungs, '--out', join(folder, name), '--into', join(folder, `${name}-shelf`)],
    ...SMALL.flatMap((setting) => ['--set', setting]),
  ]);

const manifestOf = async (name) => JSON.parse(await readFile(join(folder, `${name}-shelf/manifest.json`), 'utf8'));

/** The bytes of a snapshot's tensors: its metadata names the run. */
async function tensorsOf(name, file) {
  const bytes = await readFile(join(folder, `${name}-shelf`, file));
  return bytes.subarray(8 + Number(bytes.readBigUInt64LE(0)));
}

test('a ladder that was stopped and gone on with ends as one that was not', { timeout: 180_000 }, async () => {
  await pretrain('stopped', '0,3');
  await pretrain('stopped', '0,3,6');
  await pretrain('whole', '0,6');
  const [stopped, whole] = [await manifestOf('stopped'), await manifestOf('whole')];
  expect(stopped.snapshots.map(({ step }) => step)).toEqual([0, 3, 6]);
  expect(await readdir(join(folder, 'whole-shelf'))).toEqual([
    'manifest.json',
    'step-000000.safetensors',
    'step-000006.safetensors',
  ]);
  for (const { step, file, nats } of whole.snapshots) {
    const same = stopped.snapshots.find((one) => one.step === step);
    expect(same.nats).toBe(nats);
    expect(Buffer.compare(await tensorsOf('stopped', file), await tensorsOf('whole', file))).toBe(0);
  }
  expect(whole.snapshots[1].nats).not.toBe(whole.snapshots[0].nats);
});

test('rungs that do not ascend are refused by name', async () => {
  await expect(pretrain('none', '0,5,5')).rejects.toMatchObject({ stderr: expect.stringContaining('--rungs 0,5,5') });
});
