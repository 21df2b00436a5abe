// The reference models under the engine as it is built for a shell: the bundler's output computes what the sources do. WebGPU where the
// optional package and an adapter are there; elsewhere its absence has to be said in one sentence.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TOLERANCES } from '../src/testing/tolerances.ts';
import { bundleForNode } from './lib/bundle.mjs';
import { cacheFolder, root } from './lib/run.mjs';

const built = join(cacheFolder, `fixtures-test-${process.pid}`);
beforeAll(() => bundleForNode({ fixtureRun: 'src/testing/fixtureRun.ts' }, built), 60_000);
afterAll(() => rm(built, { recursive: true, force: true }));

/** Ends with what the program said, whether it went well or not. */
function repeat(backend, more = {}) {
  const fixtures = pathToFileURL(join(root, 'src/model/fixtures/')).href;
  const env = { ...process.env, ...more, SWITCHYARD_FIXTURES: fixtures };
  return new Promise((resolve) =>
    execFile(process.execPath, [join(built, 'fixtureRun.js'), backend], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }),
    ),
  );
}

function expectReference(stdout) {
  const { models } = JSON.parse(stdout.trim().split('\n').at(-1));
  expect(Object.keys(models)).toEqual(['tiny-a', 'tiny-b']);
  for (const { logits, loss, gradients, steps, weights, biases } of Object.values(models)) {
    expect([logits, loss].every((error) => error < TOLERANCES.values)).toBe(true);
    expect(gradients).toBeLessThan(TOLERANCES.gradients);
    expect(steps).toHaveLength(12);
    for (const step of steps) {
      expect(step.lossError).toBeLessThan(TOLERANCES.loss);
      expect(step.normError).toBeLessThan(TOLERANCES.norm);
      expect(step.movedLoad).toBeLessThanOrEqual(step.isClearCut ? 0 : TOLERANCES.movedLoad * step.load);
      if (step.isClearCut) expect(step.maxVioError).toBeLessThan(TOLERANCES.maxVio);
    }
    expect(weights.farthest).toBeLessThan(weights.bound);
    expect(weights.farShare).toBeLessThan(TOLERANCES.farWeights);
    for (const share of biases) expect(share).toBeGreaterThan(TOLERANCES.biases);
  }
}

for (const backend of ['cpu', 'wasm']) {
  test(`the build for a shell repeats the reference models on ${backend}`, { timeout: 120_000 }, async () => {
    const { code, stdout, stderr } = await repeat(backend);
    expect(code, stderr).toBe(0);
    expectReference(stdout);
  });
}

/** Vulkan on the processor, as Chromium brings it; null where there is none. */
function softwareVulkan() {
  const folders = ['/usr/lib/chromium', process.env.CHROMIUM_PATH && dirname(process.env.CHROMIUM_PATH)].filter(Boolean);
  const folder = folders.find((path) => existsSync(join(path, 'vk_swiftshader_icd.json')));
  return folder ? { VK_ICD_FILENAMES: join(folder, 'vk_swiftshader_icd.json'), LD_LIBRARY_PATH: folder } : null;
}
const vulkan = softwareVulkan();
const hasDawn = existsSync(join(root, 'node_modules/webgpu/package.json'));

test.runIf(hasDawn && vulkan)(
  'the build for a shell repeats the reference models on WebGPU, without a browser',
  { timeout: 240_000 },
  async () => {
    const { code, stdout, stderr } = await repeat('webgpu-software', vulkan);
    expect(code, stderr).toBe(0);
    expectReference(stdout);
  },
);

test('WebGPU without its package or without an adapter is refused in words that say what would help', async () => {
  const nowhere = { VK_ICD_FILENAMES: '/nowhere.json', LD_LIBRARY_PATH: '' };
  const { code, stderr } = await repeat('webgpu-software', nowhere);
  expect(code).toBe(1);
  expect(stderr).toMatch(hasDawn ? /no adapter at all: it needs a driver/ : /needs the package webgpu/);
  expect(stderr).toContain('--backend wasm');
  if (!hasDawn || !vulkan) return;
  const wrongKind = await repeat('webgpu', vulkan);
  expect([wrongKind.code, wrongKind.stderr]).toEqual([1, expect.stringContaining('use --backend webgpu-software')]);
});
