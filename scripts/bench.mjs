// Ours against the peers: `npm run bench` measures every row in Node and writes bench/results/. Options: --rows dense,small,scaling-width
// --rounds 7 --steps 5 --browser (in headless Chromium, WebGPU rows too) --page (what the built page's own views cost, and its first step)
// --guard (four rows, few rounds; fails below half of what is asked; writes nothing) --out FOLDER. Wants a quiet machine.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { bundlePage, openPageHost } from '../bench/hosts/pageHost.mjs';
import { measurePage, pageMarkdown } from '../bench/page.mjs';
import { bundleForNode } from './lib/bundle.mjs';
import { buildPage, prepareInputs } from './lib/prepare.mjs';
import { root, run, step, Trouble } from './lib/run.mjs';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string' },
    rounds: { type: 'string' },
    steps: { type: 'string' },
    out: { type: 'string', default: 'bench/results' },
    guard: { type: 'boolean', default: false },
    browser: { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
  },
});
const folder = join(root, 'bench');
const outDir = join(root, '.cache/bench');
const readJson = async (path) => JSON.parse(await readFile(path, 'utf8'));

/** Libraries that take part here, and their versions: the optional ones, which are large, only in a browser. */
async function peersHere() {
  const { dependencies, optionalDependencies } = await readJson(join(folder, 'package.json'));
  return options.browser ? { ...dependencies, ...optionalDependencies } : dependencies;
}

async function installPeers() {
  const peers = await peersHere();
  const versionOf = async (name) => {
    const path = join(folder, 'node_modules', name, 'package.json');
    return existsSync(path) ? (await readJson(path)).version : null;
  };
  const there = await Promise.all(Object.entries(peers).map(async ([name, version]) => (await versionOf(name)) === version));
  if (there.every(Boolean)) return 'up to date';
  const { code } = await run('npm', [
    'ci',
    '--prefix',
    folder,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    ...(options.browser ? [] : ['--omit=optional']),
  ]);
  if (code !== 0) throw new Trouble('npm could not install the libraries to measure against.');
  return 'installed';
}

async function bundle() {
  const input = { main: 'bench/main.ts', nodeChild: 'bench/hosts/nodeChild.ts', shardThread: 'bench/hosts/shardThread.ts' };
  // gpt-tfjs takes part in pages only.
  await bundleForNode(input, outDir, [/^@jax-js\//], ['gpt-tfjs']);
  return 'done';
}

/** The short hash, `with changes` where files differ from it; a copy without history has none. */
function commit() {
  const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with changes';
    return `${git('rev-parse', '--short', 'HEAD')}${changed}`;
  } catch {
    return 'unknown';
  }
}

const machine = (runtime) => ({
  processor: cpus()[0].model.trim(),
  cores: cpus().length,
  memoryGiB: totalmem() / 2 ** 30,
  runtime,
  commit: commit(),
  date: new Date().toISOString().slice(0, 10),
  loadBefore: loadavg()[0],
});

const count = (text, usual) => {
  const value = text === undefined ? usual : Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Trouble(`${text} is not a number of rounds or steps.`);
  return value;
};

/** Where contestants run: child processes here, or pages. */
async function openHost({ nodeHost, asked }) {
  if (options.browser) return openPageHost(asked);
  return { host: nodeHost, runtime: `Node ${process.versions.node}`, close: () => {} };
}

async function writeResults(name, results, text) {
  const out = join(root, options.out);
  await mkdir(out, { recursive: true });
  await writeFile(join(out, `${name}.json`), `${JSON.stringify(results, null, 2)}\n`);
  await writeFile(join(out, `${name}.md`), text);
  console.log(`\n${text}`);
}

async function benchPage() {
  await buildPage();
  const before = machine('');
  const workers = [...new Set([1, cpus().length])];
  const { runtime, ...measured } = await measurePage({ workers, rounds: count(options.rounds, 9), say: console.log });
  const results = { machine: { ...before, runtime }, ...measured };
  await writeResults('page', results, pageMarkdown(results));
  return 0;
}

async function main() {
  await prepareInputs();
  if (options.page) return benchPage();
  await step('peers', installPeers);
  await step('bundle', bundle);
  if (options.browser) await step('page', bundlePage);
  const { bench, guard, markdown, ...hosts } = await import(pathToFileURL(join(outDir, 'main.js')));
  const where = options.browser ? 'browser' : 'node';
  const amount = { rounds: count(options.rounds, options.guard ? 3 : 7), steps: count(options.steps, options.guard ? 2 : 5) };
  const { host, runtime, close } = await openHost(hosts);
  const before = machine(runtime);
  const wish = { where, amount, say: console.log };
  if (options.guard) {
    const faults = await guard(host, wish).finally(close);
    for (const fault of faults) console.log(fault);
    return faults.length === 0 ? 0 : 1;
  }
  const measured = await bench(host, { ...wish, ids: options.rows?.split(',') ?? [] }).finally(close);
  const results = { machine: before, peers: await peersHere(), ...measured };
  await writeResults(where, results, markdown(results));
  return 0;
}

try {
  process.exit(await main());
} catch (error) {
  console.error(error instanceof Trouble ? error.message : error);
  process.exit(1);
}
