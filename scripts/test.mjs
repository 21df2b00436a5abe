// npm test: everything that can be checked, from a fresh clone. `npm test -- lint node` runs only the checks named.
// The last lines name what failed and count: `N passed, N failed`; the exit code is 0 only if something ran and nothing failed.
import { mkdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ensureChromium } from './lib/chromium.mjs';
import { buildPage, prepareInputs } from './lib/prepare.mjs';
import { playwrightCounts, vitestCounts } from './lib/reports.mjs';
import { cacheFolder, root, run, runTool, seconds, Trouble } from './lib/run.mjs';

const MINUTE = 60_000;
const reports = join(cacheFolder, 'reports');

/** One program that passes or fails as a whole: it counts 1. */
const check = (path, ...args) =>
  async function () {
    const { code, output } = await runTool(path, args, { quiet: true, limitMs: 5 * MINUTE });
    if (code !== 0) console.log(output.trimEnd());
    return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 };
  };

const readReport = async (file) => JSON.parse(await readFile(file, 'utf8').catch(() => 'null'));

const vitest = (name, ...projects) =>
  async function ({ chromium }) {
    const file = join(reports, `${name}.json`);
    const args = [
      'run',
      ...projects.flatMap((project) => ['--project', project]),
      '--silent=passed-only',
      '--reporter=dot',
      '--reporter=json',
    ];
    const env = chromium ? { CHROMIUM_PATH: chromium } : {};
    const { code } = await runTool('vitest/vitest.mjs', [...args, `--outputFile.json=${file}`], { env, limitMs: 40 * MINUTE });
    return vitestCounts(await readReport(file), code);
  };

/** Two pages at a time, then those alone that measure time. */
async function endToEnd({ chromium }) {
  const counts = [];
  for (const [name, ...which] of [
    ['together', '--grep-invert', '@alone', '--workers', '2'],
    ['alone', '--grep', '@alone'],
  ]) {
    const file = join(reports, `e2e-${name}.json`);
    const env = { CHROMIUM_PATH: chromium, E2E_PORT: String(await freePort()), PLAYWRIGHT_JSON_OUTPUT_NAME: file };
    const args = ['test', '--reporter=line,json', ...which];
    const { code } = await runTool('@playwright/test/cli.js', args, { env, limitMs: 30 * MINUTE });
    counts.push(playwrightCounts(await readReport(file), code));
  }
  return counts.reduce((sum, { passed, failed, failures }) => ({
    passed: sum.passed + passed,
    failed: sum.failed + failed,
    failures: [...sum.failures, ...failures],
  }));
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, 'localhost', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** The loose guard over the speed of training, against the peers: it counts 1. */
async function speed() {
  const { code } = await run(process.execPath, ['scripts/bench.mjs', '--guard'], { limitMs: 15 * MINUTE });
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 };
}

async function build() {
  await buildPage();
  return { passed: 1, failed: 0 };
}

const CHECKS = [
  { name: 'types-engine', work: check('typescript/bin/tsc', '-p', 'tsconfig.engine.json') },
  { name: 'types-screen', work: check('typescript/bin/tsc', '-p', 'tsconfig.screen.json') },
  { name: 'types-tools', work: check('typescript/bin/tsc', '-p', 'tsconfig.tools.json') },
  { name: 'lint', work: check('oxlint/bin/oxlint', 'src') },
  {
    name: 'format',
    work: check('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', 'src', 'e2e', 'scripts', 'bench', '*.config.ts'),
  },
  { name: 'unused', work: check('knip/bin/knip.js', '--no-progress') },
  { name: 'build', work: build },
  { name: 'node', work: vitest('node', 'node', 'cpu', 'wasm') },
  { name: 'speed', work: speed },
  { name: 'webgpu', work: vitest('webgpu', 'webgpu'), browser: true },
  { name: 'e2e', work: endToEnd, browser: true, needsPage: true },
];

/** The checks named on the command line, in order, and the build where one of them needs the page. */
function chosenChecks() {
  const names = process.argv.slice(2);
  const unknown = names.find((name) => !CHECKS.some((one) => one.name === name));
  if (unknown) throw new Trouble(`There is no check ${unknown}; there are ${CHECKS.map(({ name }) => name).join(', ')}.`);
  const chosen = names.length > 0 ? CHECKS.filter(({ name }) => names.includes(name)) : CHECKS;
  const needsPage = chosen.some((one) => one.needsPage) && !chosen.some(({ name }) => name === 'build');
  return needsPage ? [CHECKS.find(({ name }) => name === 'build'), ...chosen] : chosen;
}

/** Runs one check; whatever it throws is one failure, and the others go on. A check that counts 1 needs no names of failures. */
async function carryOut(one, context) {
  if (one.browser && !context.chromium) return { passed: 0, failed: 1, failures: ['there is no browser'] };
  try {
    return await one.work(context);
  } catch (error) {
    console.log(error instanceof Trouble ? error.message : error);
    return { passed: 0, failed: 1, failures: [error instanceof Error ? error.message : String(error)] };
  }
}

/** A failure's first line, on one line of a terminal. */
const brief = (failure) => failure.replaceAll(`${root}/`, '').split('\n')[0].slice(0, 300);

async function main() {
  const total = { passed: 0, failed: 0 };
  const times = [];
  const failedOnes = [];
  try {
    const checks = chosenChecks();
    await prepareInputs();
    const chromium = checks.some((one) => one.browser) ? await ensureChromium() : null;
    await rm(reports, { recursive: true, force: true });
    await mkdir(reports, { recursive: true });
    for (const one of checks) {
      console.log(`\n── ${one.name}`);
      const started = performance.now();
      const { passed, failed, failures = [] } = await carryOut(one, { chromium });
      if (failed > 0)
        failedOnes.push(...(failures.length > 0 ? failures : ['see above']).map((what) => `${one.name}: ${brief(what)}`));
      total.passed += passed;
      total.failed += failed;
      times.push(
        `  ${one.name.padEnd(14)} ${seconds(performance.now() - started).padStart(8)}   ${passed} passed, ${failed} failed`,
      );
      console.log(times.at(-1));
    }
  } catch (error) {
    console.log(error instanceof Trouble ? error.message : error);
    total.failed++;
  }
  if (times.length > 1) console.log(`\n${times.join('\n')}`);
  if (failedOnes.length > 0) console.log(`\nFailed:\n${failedOnes.map((line) => `  ${line}`).join('\n')}`);
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);
}

await main();
