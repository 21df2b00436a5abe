// Every command on what it cannot use: one sentence that names the value and what would be right, an exit code, no stack.
import { mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { commit } from '../checkpoint/slots';
import { writeSafetensors } from '../checkpoint/safetensors';
import type { RunConfig } from '../config/trainConfig';
import { corpusFolder } from '../testing/corpusFolder';
import { main } from './cli';
import { example } from './example';
import { createFileStore } from './fileStore';
import { Trouble, troubleOf } from './trouble';

/** Deep enough to end any function that calls itself. */
const DEPTH = 200_000;
const bomb = writeSafetensors(
  new Map(),
  new Map([['switchyard.run-state', `{"version":${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}}`]]),
);

let folder: string;
let config: RunConfig;
beforeAll(async () => {
  ({ folder, config } = await corpusFolder());
  const at = (name: string): string => join(folder, name);
  await example(folder, at('run'), 1, config);
  await mkdir(at('empty'));
  await mkdir(at('folder.zip'));
  await mkdir(at('foreign'));
  await mkdir(at('strange/manifest.json'), { recursive: true });
  await mkdir(at('holed/state.b.commit'), { recursive: true });
  await mkdir(at('blocked/history.jsonl'), { recursive: true });
  await writeFile(at('note'), 'buy milk');
  await writeFile(at('foreign/manifest.json'), '{"name":"an app"}');
  await writeFile(at('bomb'), bomb);
  await commit(createFileStore(at('bombed')), 'state', bomb, null);
  const huge = await open(at('huge'), 'w');
  await huge.truncate(2 ** 32);
  await huge.close();
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

/** Runs a command; `@name` among `args` is a path in the folder, and stands for it in what was said. */
async function said(command: string, args: string) {
  const written = { out: '', errors: '' };
  const into = (stream: 'out' | 'errors') => (text: unknown) => {
    written[stream] += String(text);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(into('out'));
  vi.spyOn(process.stderr, 'write').mockImplementation(into('errors'));
  const argv = args.split(' ').map((arg) => (arg.startsWith('@') ? join(folder, arg.slice(1)) : arg));
  const code = await main(command, argv, { publicFolder: folder });
  vi.restoreAllMocks();
  return { code, out: written.out, errors: written.errors.replaceAll(`${folder}/`, '@') };
}

const WHAT_A_RUN_IS = 'A run is a folder that `npm run train -- --out` made, or a file that --save-as or the page saved.\n';

const NO_RUNS = [
  ['@none', '--from @none: there is no such file or folder'],
  ['@note/below', '--from @note/below: there is no such file or folder'],
  ['@empty', '--from @empty: nothing was ever saved in it'],
  ['@note', '--from @note is no run state: container, header-too-large'],
  [
    '@bomb',
    '--from @bomb is no run state: no-run-state, switchyard.run-state is not JSON that is read here: more than 64 levels',
  ],
  ['@huge', '--from @huge is no run state: '],
  ['/dev/zero', '--from /dev/zero is neither a file nor a folder'],
] as const;

const FROM = {
  evaluate: '',
  generate: ' --prompt Once',
  judge: '',
  snapshot: ' --into @shelf',
  export: ' --out @exported',
  train: ' --resume --out @new',
} as const;

it.each(Object.entries(FROM))('%s says what is no run, and what one would be', async (command, rest) => {
  for (const [path, message] of NO_RUNS) {
    const { code, out, errors } = await said(command, `--from ${path}${rest}`);
    expect([code, out]).toEqual([2, '']);
    expect(errors.startsWith(message), errors).toBe(true);
    expect(errors.endsWith(`. ${WHAT_A_RUN_IS}`), errors).toBe(true);
  }
  const bombed = await said(command, `--from @bombed${rest}`);
  expect([bombed.code, bombed.out]).toEqual([1, '']);
  expect(bombed.errors).toMatch(
    /^The state in \S+bombed cannot be read: no-run-state, .*: more than 64 levels .*\. Name a copy of/,
  );
  const made = await readdir(folder);
  expect(['shelf', 'exported', 'new'].filter((name) => made.includes(name))).toEqual([]);
});

const VAST = ['hiddenSize=2048', 'numHiddenLayers=12', 'nRoutedExperts=32', 'moeIntermediateSize=2048'];

const TO = [
  [
    'train',
    `--out @new ${VAST.map((setting) => `--set model.${setting}`).join(' ')}`,
    'The run needs more memory than the backend has: 71.40 GiB > 3.00 GiB. A smaller model',
  ],
  ['train', '--out @note --steps 1', '--out @note is a file, but has to be a folder, or a name that is free.'],
  ['train', '--out @note/x --steps 1', '--out @note/x lies below a file: name a path whose folders are folders.'],
  [
    'train',
    '--out @new --steps 1 --save-as @empty',
    '--save-as @empty is a folder, but has to be a file, or a name that is free.',
  ],
  ['train', '--out @empty --resume', '--resume: nothing was ever saved in --out @empty. Begin the run without --resume, or name'],
  [
    'train',
    '--out @run --resume --set train.shards=0 --set train.seed=8 --steps 1',
    '--set train.seed=8: the saved run has train.seed=1 and keeps it. Leave the setting out, or begin another run.',
  ],
  ['train', '--out @new --set data.domains=yard,cod', "data.domains names cod, which is none of the text's: "],
  ['snapshot', '--from @run --into @note', '--into @note is a file, but has to be a folder'],
  ['snapshot', '--from @run --into @foreign', '--into @foreign: its manifest.json cannot be read: version undefined; this build'],
  ['snapshot', '--from @run --into @strange', '--into @strange: its manifest.json cannot be read (EISDIR). Name another folder'],
  ['snapshot', '--from @run --into @shelf --step 7', '--from @run holds a run at step 1, and --step asks for 7: train it on'],
  ['snapshot', '--from @run --into @shelf --step x', '--step is x, but has to be a whole number between 0 and 1000000000.'],
  ['export', '--from @run --out @note', '--out @note is a file, but has to be a folder'],
  ['export', '--from @run --out @note/x.zip', '--out @note/x.zip lies below a file'],
  ['export', '--from @run --out @folder.zip', '--out @folder.zip is a folder, but has to be a file'],
  ['evaluate', '--from @run --tokens-per-domain 0', '--tokens-per-domain is 0, but has to be a whole number between 1 and'],
  ['judge', '--from @run --tokens-per-domain many', '--tokens-per-domain is many, but has to be a whole number'],
  ['generate', '--from @run --temperature hot', '--temperature is hot, but has to be a number between 0 and 100.'],
] as const;

it.each(TO)('%s %s is refused before any work, and leaves nothing', async (command, args, message) => {
  const before = await readdir(folder);
  const { code, out, errors } = await said(command, args);
  expect([code, out]).toEqual([2, '']);
  expect(errors.startsWith(message), errors).toBe(true);
  expect(errors.trimEnd()).not.toContain('\n');
  expect(await readdir(folder)).toEqual(before);
});

it('what the system refuses on the way is said with its path, what would help and its code', async () => {
  for (const [command, args, path] of [
    ['train', '--out @blocked --steps 1', '@blocked/history.jsonl'],
    ['evaluate', '--from @holed', '@holed/state.b.commit'],
  ] as const) {
    const { code, errors } = await said(command, args);
    expect([code, errors]).toEqual([
      1,
      expect.stringMatching(new RegExp(`^${path}: it is a folder, where a file has to be; .*EISDIR`)),
    ]);
  }
});

it('memory that does not suffice and a full disk are troubles of a person; what is neither is a mistake of ours', () => {
  expect(troubleOf(new RangeError('the heap has no room for [2, 3]'))?.message).toMatch(
    /no room for \[2, 3\]\)\. A smaller model/,
  );
  const full = Object.assign(new Error(), { code: 'ENOSPC', syscall: 'write', path: 'runs/a' });
  expect(troubleOf(full)?.message).toBe(
    'runs/a: the disk is full; make room and begin again: what was saved before is whole (ENOSPC, write).',
  );
  const trouble = new Trouble('x', 2);
  expect([troubleOf(trouble), troubleOf(new TypeError('x is no function'))]).toEqual([trouble, null]);
});
