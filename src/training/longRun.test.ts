// A run may last for days: after its first steps it must need no more of the backend's memory than before.
// The same for thousands of steps and the heap of JavaScript: scripts/longRun.test.mjs.
import { beforeAll, expect, it } from 'vitest';
import { memoryHeld, type MemoryHeld } from '../kernels/memoryLimits';
import { startTestBackend } from '../testing/startTestBackend';
import { lookAfter } from '../testing/tinyRun';

beforeAll(startTestBackend);

it('holds no more after two hundred steps than after fifty', async () => {
  const held: MemoryHeld[] = [];
  await lookAfter([50, 100, 200], () => held.push(memoryHeld()));
  expect(held).toHaveLength(3);
  expect(held.slice(1)).toEqual([held[0], held[0]]);
});
