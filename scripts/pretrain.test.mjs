// The command that makes the page's own model, on a small one: rung by rung, and stopped and gone on with.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

const pretrain = (name, rungs, settings = []) =>
  promisify(execFile)(process.execPath, [
    join(root, 'scripts/pretrain.mjs'),
    ...['--rungs', rungs, '--out', join(folder, name), '--into', join(folder, `${name}-shelf`)],
    ...[...SMALL, ...settings].flatMap((setting) => ['--set', setting]),
  ]);

const manifestOf = async (name) => JSON.parse(await readFile(join(folder, `${name}-shelf/manifest.json`), 'utf8'));

/** The bytes of a snapshot's tensors: its metadata names the run. */
async function tensorsOf(name, file) {
  const bytes = await readFile(join(folder, `${name}-shelf`, file));
  return bytes.subarray(8 + Number(bytes.readBigUInt64LE(0)));
}

const place = (name, file) => join(folder, name, file);

/** What a command leaves that is killed once its history is open, before anything is saved. */
async function leaveBegun(name) {
  await mkdir(place(name, ''), { recursive: true });
  await writeFile(place(name, 'history.jsonl'), '{"kind":"run","name":"killed"}\n');
  await writeFile(place(name, 'state.a'), 'half of it was writ');
}

/** What a command leaves that is killed when the snapshot is there and the manifest does not know. */
async function leaveUnnamed(name, file) {
  await mkdir(place(`${name}-shelf`, ''), { recursive: true });
  await writeFile(place(`${name}-shelf`, file), 'measured by nobody');
}

describe('a ladder', () => {
  beforeAll(async () => {
    await leaveBegun('stopped');
    await leaveUnnamed('stopped', 'step-000000.safetensors');
    await pretrain('stopped', '0,3');
    await leaveUnnamed('stopped', 'step-000006.safetensors');
    await pretrain('stopped', '0,3,6');
  }, 240_000);

  test('that was stopped at whatever moment and gone on with ends as one that was not', { timeout: 180_000 }, async () => {
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
    for (const { file, sha256 } of stopped.snapshots)
      expect(
        createHash('sha256')
          .update(await readFile(place('stopped-shelf', file)))
          .digest('hex'),
      ).toBe(sha256);
  });

  test('refuses a rung that its run has passed, with both steps, and changes nothing', { timeout: 60_000 }, async () => {
    const before = await manifestOf('stopped');
    await expect(pretrain('stopped', '0,5,6')).rejects.toMatchObject({
      stderr: expect.stringMatching(/holds a run at step 6, and --step asks for 5: it does not go back, so leave step 5 out/),
    });
    expect(await manifestOf('stopped')).toEqual(before);
  });

  test('keeps the settings it began with, and says so to whoever asks for others', { timeout: 60_000 }, async () => {
    const before = await manifestOf('stopped');
    await expect(pretrain('stopped', '0,3,6,9', ['train.seed=8'])).rejects.toMatchObject({
      stderr: expect.stringMatching(/--set train.seed=8: the saved run has train.seed=1 and keeps it/),
    });
    expect(await manifestOf('stopped')).toEqual(before);
  });

  test('whose run is gone is not gone on with by another one', { timeout: 60_000 }, async () => {
    await mkdir(place('orphaned-shelf', ''));
    await writeFile(place('orphaned-shelf', 'manifest.json'), await readFile(place('stopped-shelf', 'manifest.json')));
    await expect(pretrain('orphaned', '9')).rejects.toMatchObject({
      stderr: expect.stringMatching(/holds snapshots, but none of step 9, and --out \S+orphaned holds no run/),
    });
    expect(await readdir(folder)).not.toContain('orphaned');
  });
});

test.each(['0,5,5', '', '0,1e3', '0,0.5', '0,,3'])('rungs that are no ascending steps are refused by name: %j', async (rungs) => {
  await expect(pretrain('none', rungs)).rejects.toMatchObject({
    code: 1,
    stderr: `--rungs ${rungs}: steps in ascending order are asked for, such as 0,10,30,100,300,1000,2500,5000.\n`,
  });
});

test('a manifest that is none is refused by its folder, and its text is kept', { timeout: 60_000 }, async () => {
  await mkdir(place('foreign-shelf', ''));
  await writeFile(place('foreign-shelf', 'manifest.json'), '{"name":"an app"}');
  await expect(pretrain('foreign', '0')).rejects.toMatchObject({
    stderr: expect.stringMatching(/^--into \S+foreign-shelf: its manifest.json is no shelf's. [^\n]+\n$/),
  });
  expect(await readFile(place('foreign-shelf', 'manifest.json'), 'utf8')).toBe('{"name":"an app"}');
});
