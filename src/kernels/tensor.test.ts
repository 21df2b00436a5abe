import { beforeAll, expect, it } from 'vitest';
import { startTestBackend } from '../testing/startTestBackend';
import { allOrNothing, dispose, floatTensor, memory, read, scaled, tidy, zeros } from './tensor';
import { memoryLimits } from './memoryLimits';

beforeAll(startTestBackend);

it('all or nothing: what was made before a failure is freed', () => {
  const { numTensors } = memory();
  const failing = () =>
    allOrNothing(() => {
      zeros([2]);
      tidy(() => scaled(zeros([3]), 2));
      throw new Error('no more');
    });
  expect(failing).toThrow('no more');
  expect(memory().numTensors).toBe(numTensors);
});

it('all or nothing: what was made stays, also beyond a scope around it', async () => {
  const { numTensors } = memory();
  let pair = [zeros([0])];
  dispose(pair);
  tidy(() => {
    pair = allOrNothing(() => [zeros([2]), zeros([3])]);
  });
  expect(memory().numTensors).toBe(numTensors + 2);
  expect([...(await read(pair[1]!))]).toEqual([0, 0, 0]);
  dispose(pair);
  expect(memory().numTensors).toBe(numTensors);
});

it('a tensor that is freed while it is read is read as it was', async () => {
  const { numTensors } = memory();
  const values = Float32Array.from({ length: 1000 }, (_, i) => i);
  const source = floatTensor(values, [1000]);
  // Computed, so that WebGPU has to fetch it.
  const doubled = scaled(source, 2);
  const reading = read(doubled);
  dispose([source, doubled]);
  expect(await reading).toEqual(values.map((value) => 2 * value));
  expect(memory().numTensors).toBe(numTensors);
});

it('every backend names what one tensor may take, and that is no more than all of them', () => {
  const { total, tensor } = memoryLimits();
  expect(tensor).toBeGreaterThanOrEqual(2 ** 27);
  expect(tensor).toBeLessThanOrEqual(total);
});
