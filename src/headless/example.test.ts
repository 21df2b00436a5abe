// The example of the README, on a corpus of our own sentences.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { example } from './example';

// The page of the tests asks which backend it stands for.
vi.stubEnv('SWITCHYARD_BACKEND', 'wasm');
const { config, corpusFiles } = await import('../testing/enginePage');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'example-'));
  for (const [path, bytes] of Object.entries(await corpusFiles())) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('the library example trains, saves, and goes on from what it saved as if it had never stopped', async () => {
  const whole = await example(folder, join(folder, 'whole'), 6, config);
  const first = await example(folder, join(folder, 'parts'), 2, config);
  const rest = await example(folder, join(folder, 'parts'), 4, config);
  expect([first.step, rest.step]).toEqual([2, 6]);
  expect([...first.losses, ...rest.losses]).toEqual(whole.losses);
  expect(rest.validation).toBe(whole.validation);
  expect(whole.validation).toBeGreaterThan(0);
});

it('is short enough to be read at once', async () => {
  const source = await readFile(fileURLToPath(new URL('example.ts', import.meta.url)), 'utf8');
  expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(30);
});
