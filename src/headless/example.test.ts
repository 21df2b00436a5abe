// The example of the README, on a corpus of our own sentences.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunConfig } from '../config/trainConfig';
import { corpusFolder } from '../testing/corpusFolder';
import { example } from './example';

let folder: string;
let config: RunConfig;
beforeAll(async () => ({ folder, config } = await corpusFolder()));
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
