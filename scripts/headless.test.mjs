// The commands of a shell as processes: killed at any moment, a run loses nothing that it said was saved. KILLS=50 for more of them.
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildHeadless } from './lib/headless.mjs';
import { cacheFolder, root } from './lib/run.mjs';

const KILLS = Number(process.env.KILLS ?? 8);
const SEED = 20_261_124;
/** Longest life of a process once its run is open, ms. */
const LIFE = 2000;

let built;
let folder;
beforeAll(async () => {
  built = join(cacheFolder, `headless-test-${process.pid}`);
  await buildHeadless(built);
  folder = await mkdtemp(join(tmpdir(), 'headless-'));
}, 120_000);
afterAll(async () => {
  await rm(built, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
});

const tiny = [
  'hiddenSize=16',
  'intermediateSize=16',
  'moeIntermediateSize=8',
  'headDim=4',
  'numHiddenLayers=2',
  'nRoutedExperts=4',
]
  .map((setting) => `model.${setting}`)
  .concat(['batchSize=4', 'shards=2', 'sequenceLength=16', 'validationEvery=7'].map((setting) => `train.${setting}`))
  .flatMap((setting) => ['--set', setting]);

/** Starts a command; `lines` hears what it says on stderr. */
function start(command, args, heard = () => {}) {
  const script = `
    import { main } from ${JSON.stringify(pathToFileURL(join(built, 'cli.js')).href)};
    const places = { publicFolder: ${JSON.stringify(join(root, 'public'))}, shardThread: new URL(${JSON.stringify(pathToFileURL(join(built, 'shardThread.js')).href)}) };
    process.exit(await main(${JSON.stringify(command)}, process.argv.slice(1), places));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, '--', ...args]);
  let out = '';
  let errors = '';
  child.stdout.on('data', (data) => (out += data));
  child.stderr.on('data', (data) => {
    errors += data;
    heard(errors);
  });
  const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, out, errors })));
  return { child, ended };
}

const run = (command, ...args) => start(command, args).ended;

/** The newest committed state: its JSON part, and the bytes of all its tensors. */
async function stateOf(out) {
  const sequences = [];
  for (const slot of ['a', 'b']) {
    const record = await readFile(join(out, `state.${slot}.commit`)).catch(() => null);
    if (record) sequences.push([Number(record.readBigUInt64LE(0)), slot]);
  }
  const [, slot] = sequences.sort(([one], [other]) => other - one)[0];
  const bytes = await readFile(join(out, `state.${slot}`));
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString());
  const { runId: _, historyPosition: __, ...state } = JSON.parse(header.__metadata__['switchyard.run-state']);
  return { state, tensors: bytes.subarray(8 + length) };
}

/** A run's record without what a clock or the number of workers moves. */
async function historyOf(out) {
  const lines = (await readFile(join(out, 'history.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return lines.slice(1).map(({ stepMs: _, workers: __, ...line }) => line);
}

/** Small steps of chance that repeat. */
function chance() {
  let state = SEED;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

test(
  'a run killed at random moments loses nothing it had saved, and ends as the uninterrupted one, to the bit',
  async () => {
    const draw = chance();
    const out = join(folder, 'killed');
    let announced = -1;
    let isBegun = false;
    let duringSave = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const fresh = isBegun
        ? ['--resume']
        : [...tiny, '--change', '5:balanceMode=proportional', '--change', '60:learningRate=0.001'];
      // Every fifth dies while it starts.
      const isEarly = kill % 5 === 4;
      const delay = draw() * LIFE;
      let timer = null;
      const { child, ended } = start(
        'train',
        ['--out', out, '--steps', '1000000', '--save-every', '1', '--workers', String(1 + (kill % 2)), ...fresh],
        (text) => {
          if (timer === null && !isEarly && /(new run|resumed at step)/.test(text))
            timer = setTimeout(() => child.kill('SIGKILL'), delay);
        },
      );
      if (isEarly) timer = setTimeout(() => child.kill('SIGKILL'), delay);
      const { signal, errors } = await ended;
      expect(signal, errors).toBe('SIGKILL');
      const resumedAt = /resumed at step (\d+)/.exec(errors);
      if (resumedAt) expect(Number(resumedAt[1])).toBeGreaterThanOrEqual(announced);
      for (const [, step] of errors.matchAll(/^step (\d+)\/.*saved$/gm)) announced = Math.max(announced, Number(step));
      isBegun ||= announced >= 0 || (await readdir(out).catch(() => [])).some((name) => name.endsWith('.commit'));
      if ((await readdir(out).catch(() => [])).some((name) => name.endsWith('.unfinished'))) duringSave++;
    }
    const steps = announced + 10;
    const last = await run('train', '--resume', '--out', out, '--steps', String(steps), '--save-every', '1000');
    expect(last.code, last.errors).toBe(0);
    const straight = join(folder, 'straight');
    const whole = await run(
      'train',
      ...tiny,
      '--change',
      '5:balanceMode=proportional',
      '--change',
      '60:learningRate=0.001',
      '--out',
      straight,
      '--steps',
      String(steps),
      '--save-every',
      '1000000',
      '--workers',
      '1',
    );
    expect(whole.code, whole.errors).toBe(0);
    const [killed, uninterrupted] = [await stateOf(out), await stateOf(straight)];
    expect(killed.state).toEqual(uninterrupted.state);
    expect(killed.tensors.equals(uninterrupted.tensors)).toBe(true);
    expect(await historyOf(out)).toEqual(await historyOf(straight));
    console.log(`${KILLS} kills, ${duringSave} in the middle of writing a blob, ${steps} steps`);
  },
  60_000 + KILLS * 6000,
);

test('a traced run tells where the time of each step went, and learns the same', async () => {
  const [traced, plain] = [join(folder, 'traced'), join(folder, 'untraced')];
  const args = ['--steps', '4', '--workers', '2', ...tiny];
  expect((await run('train', '--out', traced, '--trace', ...args)).code).toBe(0);
  expect((await run('train', '--out', plain, ...args)).code).toBe(0);
  const [withTrace, without] = [await historyOf(traced), await historyOf(plain)];
  expect(withTrace.map(({ trace: _, ...line }) => line)).toEqual(without);
  const steps = withTrace.filter(({ kind }) => kind === 'step');
  expect(steps).toHaveLength(4);
  for (const { trace } of steps) {
    expect(trace.exact).toBe(true);
    const own = trace.spans.filter(({ worker }) => worker === 0);
    expect(own.reduce((sum, { duration }) => sum + duration, 0)).toBeLessThanOrEqual(trace.duration + 1e-6);
    const every = trace.spans.reduce((sum, { duration }) => sum + duration, 0);
    expect(Object.values(trace.phases).reduce((sum, ms) => sum + ms)).toBeCloseTo(every, 6);
    for (const phase of ['data', 'forward', 'backward', 'reduce', 'optimizer', 'readBack'])
      expect(trace.phases[phase], phase).toBeGreaterThan(0);
  }
}, 60_000);

test('Ctrl-C finishes the step, saves it and ends with 130; the run goes on from there', async () => {
  const out = join(folder, 'stopped');
  let isAsked = false;
  const { child, ended } = start('train', ['--out', out, '--steps', '1000000', '--save-every', '1000000', ...tiny], (text) => {
    if (!child.killed && /step 7 · validation/.test(text)) child.kill('SIGINT'); // a second one would not wait for the step
  });
  const { code, errors } = await ended;
  expect(code, errors).toBe(130);
  const step = Number(/step (\d+)\/.*saved$/m.exec(errors)[1]);
  const again = await run('train', '--resume', '--out', out, '--steps', String(step + 1));
  expect([again.code, again.errors.split('\n')[0].split(':')[0]]).toEqual([0, `resumed at step ${step}`]);
}, 60_000);

test('a run travels as a file, and a folder in use is refused by name until its process is gone', async () => {
  const [straight, first, second] = ['six', 'three', 'moved'].map((name) => join(folder, name));
  const file = join(folder, 'a run.safetensors');
  expect((await run('train', '--out', straight, '--steps', '6', ...tiny)).code).toBe(0);
  expect((await run('train', '--out', first, '--steps', '3', '--save-as', file, ...tiny)).code).toBe(0);
  const moved = await run('train', '--out', second, '--resume', '--from', file, '--steps', '6');
  expect(moved.code, moved.errors).toBe(0);
  expect(await stateOf(second)).toEqual(await stateOf(straight));
  expect((await run('evaluate', '--from', file, '--tokens-per-domain', '64', '--json')).code).toBe(0);
  const over = await run('train', '--out', second, '--resume', '--from', first);
  expect([over.code, over.errors]).toEqual([2, expect.stringContaining('leave --from out')]);
  const none = await run('train', '--out', join(folder, 'never'), '--resume', '--from', join(folder, 'absent'));
  expect([none.code, none.errors]).toEqual([2, expect.stringContaining('there is no such file or folder')]);
  expect(await readdir(folder)).not.toContain('never');

  const long = ['--out', first, '--resume', '--steps', '1000000'];
  let onBegun;
  const begun = new Promise((resolve) => (onBegun = resolve));
  const { child, ended } = start('train', long, (text) => /resumed/.test(text) && onBegun());
  await begun;
  const refused = await run('train', ...long);
  expect([refused.code, refused.errors]).toEqual([1, expect.stringContaining(`Process ${child.pid} on `)]);
  child.kill('SIGKILL');
  await ended;
  const last = await run('train', '--out', first, '--resume', '--steps', '4');
  expect(last.code, last.errors).toBe(0);
}, 60_000);

test('a saved run is judged, continues a text, the same from the same seed, and is exported; a wrong argument ends with 2', async () => {
  const out = join(folder, 'asked');
  expect((await run('train', '--out', out, '--steps', '3', ...tiny)).code).toBe(0);
  const judged = await run('evaluate', '--from', out, '--tokens-per-domain', '64', '--json');
  const { step, overall, baselines, maxVioGlobal, floor } = JSON.parse(judged.out);
  expect(step).toBe(3);
  expect(Math.abs(overall.nats - baselines.uniform)).toBeLessThan(0.2);
  expect([maxVioGlobal.length, floor > 0]).toEqual([1, true]);
  const text = () => run('generate', '--from', out, '--prompt', 'The 火车', '--tokens', '5', '--seed', '3');
  const first = await text();
  expect(first.out).toMatch(/^The 火车./s);
  expect(await text()).toEqual(first);
  const zip = join(folder, 'exported.zip');
  const written = await run('export', '--from', out, '--out', zip, '--dtype', 'bf16');
  expect([written.code, written.errors]).toEqual([0, expect.stringContaining(`as BF16 in ${zip}`)]);
  expect((await readFile(zip)).subarray(0, 2).toString()).toBe('PK');
  const refused = await run('train', '--out', out, '--steps', '3');
  expect([refused.code, refused.errors]).toEqual([2, expect.stringContaining('holds a run at step 3: add --resume')]);
  expect((await run('train', '--out', join(folder, 'none'), '--resume')).code).toBe(2);
}, 60_000);
