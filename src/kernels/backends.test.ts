import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { testBackend } from '../testing/backend';
import type { BackendStart } from './backends';
import { startBackend } from './backends';
import type { BackendName } from './backendChoice';
import { linear } from './linear/linear';

const mine: BackendName = testBackend() === 'webgpu' ? 'webgpu-software' : (testBackend() as 'cpu' | 'wasm');

async function started(...parameters: Parameters<typeof startBackend>): Promise<BackendStart> {
  const result = await startBackend(...parameters);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

async function product(): Promise<number[]> {
  const x = tf.tensor([1, 2, 3, 4], [2, 2]);
  const y = linear(x, x);
  const values = Array.from(await y.data());
  tf.dispose([x, y]);
  return values;
}

describe('starting a backend', () => {
  test('the chosen backend runs, and says that it was chosen', async () => {
    const start = await started(mine, {});
    expect(start).toMatchObject({ backend: mine, reason: 'chosen', failures: [] });
    expect(start.available).toContain(mine);
    expect(await product()).toEqual([5, 11, 11, 25]);
  });

  test('it can be started again', async () => {
    await started(mine, {});
    await started(mine, {});
    expect(await product()).toEqual([5, 11, 11, 25]);
  });

  test('gradients are registered', async () => {
    await started(mine, {});
    const gradient = tf.grad((x: tf.Tensor) => tf.sum(tf.square(x)))(tf.tensor([3]));
    expect(Array.from(await gradient.data())).toEqual([6]);
  });
});

describe.skipIf(testBackend() === 'webgpu')('a machine without an adapter', () => {
  test('the automatic choice is WASM, because there is no adapter', async () => {
    expect(await started('auto', {})).toMatchObject({ backend: 'wasm', reason: 'no-hardware-adapter', failures: [] });
  });

  test('a backend that is not there falls to the next and is named', async () => {
    const start = await started('webgpu', {});
    expect(start).toMatchObject({ backend: 'wasm', reason: 'fallback' });
    expect(start.failures).toEqual([{ backend: 'webgpu', detail: 'no such adapter' }]);
  });
});

describe.runIf(testBackend() === 'webgpu')('a device of our own', () => {
  const deviceOf = () => (tf.backend() as unknown as { device: GPUDevice }).device;

  test('work that is refused is heard', async () => {
    const messages: string[] = [];
    await started(mine, { onDeviceError: (message) => messages.push(message) });
    deviceOf().createBuffer({ size: 4, usage: 0 });
    await deviceOf().queue.onSubmittedWorkDone();
    expect(messages).toHaveLength(1);
  });

  test('leaving a device is no loss of it', async () => {
    const losses: string[] = [];
    await started(mine, { onDeviceLost: (reason) => losses.push(reason) });
    const left = deviceOf();
    await started(mine, {});
    expect((await left.lost).reason).toBe('destroyed');
    expect(losses).toEqual([]);
  });
});
