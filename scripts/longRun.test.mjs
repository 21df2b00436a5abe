// Thousands of steps: tensors and the WASM heap stay as they were after fifty, the heap of JavaScript as it was when compilers had settled.
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleForNode } from './lib/bundle.mjs';
import { cacheFolder } from './lib/run.mjs';

/** A leak of 40 bytes a step would show. What compilers keep swings by half of this. */
const HEAP_SLACK = 200_000;

const built = join(cacheFolder, `heap-test-${process.pid}`);
beforeAll(() => bundleForNode({ heapOfRun: 'src/testing/heapOfRun.ts' }, built), 60_000);
afterAll(() => rm(built, { recursive: true, force: true }));

test('five thousand steps leave nothing behind', { timeout: 120_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', join(built, 'heapOfRun.js'), 50, 4000, 9000]);
  // The tensor library greets on stdout.
  const [early, settled, late] = JSON.parse(stdout.trim().split('\n').at(-1));
  for (const kind of ['tensors', 'tensorBytes', 'takenBytes']) {
    expect(early[kind], kind).toBeGreaterThan(0);
    expect(late[kind], kind).toBe(early[kind]);
  }
  // Compilers write their records during the first thousands of steps, ever less: LOG.md has the curve.
  expect(late.heapBytes - settled.heapBytes).toBeLessThan(HEAP_SLACK);
});
