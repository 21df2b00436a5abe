import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { testBackend } from '../../testing/backend';
import { rngFor } from '../../core/rng';
import { startBackend } from '../backends';
import { normals, upload } from '../conformance/arrays';
import { checkOperation, titleOf } from '../conformance/check';
import { CONFORMANCE_TABLE } from '../conformance/table';
import { linear } from '../linear/linear';

const PRODUCTS = CONFORMANCE_TABLE.filter(({ operation }) =>
  ['Linear', 'QkvProjections', 'SwiGlu', 'Experts'].includes(operation.operationName),
);

describe.runIf(testBackend() === 'webgpu')('products on WebGPU', () => {
  const refused: string[] = [];
  beforeAll(async () => {
    const result = await startBackend('webgpu-software', { onDeviceError: (message) => refused.push(message) });
    if (!result.ok) throw new Error(JSON.stringify(result.error));
  });
  afterEach(() => expect(refused.splice(0)).toEqual([]));

  describe.each([
    ['in registers', false],
    ['through workgroup memory', true],
  ])('%s', (_, hardware) => {
    beforeAll(async () => (await import('./register')).registerWebGpuPaths({ hardware }));

    it.each(PRODUCTS.map((testCase) => [titleOf(testCase), testCase] as const))('%s', async (_title, testCase) => {
      expect(await checkOperation(testCase)).toEqual([]);
    });

    it('the same product has the same bits every time', async () => {
      const rng = rngFor(41, 'init');
      const x = upload(normals(rng, [67, 130]));
      const weight = upload(normals(rng, [35, 130]));
      const first = linear(x, weight);
      const second = linear(x, weight);
      expect(await first.data()).toEqual(await second.data());
      tf.dispose([x, weight, first, second]);
    });
  });
});
