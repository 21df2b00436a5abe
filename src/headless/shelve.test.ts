// What `npm run snapshot` puts on a shelf, opened as the page opens it.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseShelfManifest, type ShelfManifest } from '../checkpoint/shelf';
import type { LoggedChange, RunConfig } from '../config/trainConfig';
import { read } from '../kernels/tensor';
import { corpusFolder } from '../testing/corpusFolder';
import { valueOf } from '../testing/fixtureModel';
import { Shelf } from '../worker/shelf';
import { parseSnapshotArguments, parseTrainArguments } from './arguments';
import { nodePlatform } from './nodePlatform';
import { shelve } from './shelve';
import { trainCommand } from './train';

let folder: string;
let config: RunConfig;
beforeAll(async () => void ({ folder, config } = await corpusFolder()));
afterAll(() => rm(folder, { recursive: true, force: true }));

const platform = () => nodePlatform({ publicFolder: folder });
const silent = { say: () => undefined, show: () => undefined };
const run = (name: string) => join(folder, name);

/** Trains up to `steps`; a run that is there goes on. */
const train = (name: string, steps: number, changes: readonly LoggedChange[] | null = null) =>
  trainCommand(
    {
      ...parseTrainArguments(['--out', run(name), '--steps', String(steps), '--resume']),
      fresh: changes && { config, changes },
    },
    platform(),
    silent,
    () => false,
  );

const shelved = (name: string, into: string, ...options: string[]) =>
  shelve(parseSnapshotArguments(['--from', run(name), '--into', into, '--tokens-per-domain', '16', ...options]), platform());

const manifestIn = async (into: string): Promise<ShelfManifest> =>
  valueOf(parseShelfManifest(JSON.parse(await readFile(join(into, 'manifest.json'), 'utf8'))));

it('a snapshot has the settings of its step: a bias that chose no more when it was measured chooses no more on the page', async () => {
  const into = join(folder, 'model');
  await train('switched', 2, [{ step: 3, change: { balanceMode: 'none' } }]);
  await shelved('switched', into);
  expect((await manifestIn(into)).config.train.balanceMode).toBe('sign');
  await train('switched', 4);
  await shelved('switched', into);
  expect((await manifestIn(into)).config.train.balanceMode).toBe('none');
  const shelf = new Shelf(platform().readAsset);
  for (const [step, balanceMode] of [
    [2, 'sign'],
    [4, 'none'],
  ] as const) {
    const snapshot = valueOf(await shelf.read(step));
    expect(snapshot.config.train.balanceMode).toBe(balanceMode);
    expect(snapshot.biases.flatMap((bias) => [...bias]).some((bias) => bias !== 0)).toBe(true);
    const { model } = valueOf(await shelf.open(step));
    for (const [layer, offsets] of model.choiceOffsets.entries())
      expect([...(await read(offsets))]).toEqual([...snapshot.biases[layer]!].map((bias) => (balanceMode === 'none' ? 0 : bias)));
  }
  shelf.close();
});

it('a run that stands elsewhere than at the step asked for is not shelved, and the way there is said', async () => {
  const into = join(folder, 'steps');
  await train('two', 2, []);
  await expect(shelved('two', into, '--step', '5')).rejects.toThrow(
    `--from ${run('two')} holds a run at step 2, and --step asks for 5: train it on with --resume --steps 5.`,
  );
  await expect(shelved('two', into, '--step', '1')).rejects.toThrow(
    'at step 2, and --step asks for 1: it does not go back, so leave step 1 out, or train anew in another folder.',
  );
  await expect(readFile(join(into, 'manifest.json'))).rejects.toThrow('ENOENT');
  expect((await shelved('two', into, '--step', '2')).step).toBe(2);
});
