import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { testBackend } from '../../testing/backend';
import { rngFor } from '../../core/rng';
import { startBackend } from '../backends';
import { normals, upload } from '../conformance/arrays';
import { checkOperation, titleOf } from '../conformance/check';
import { CONFORMANCE_TABLE } from '../conformance/table';
import { embedding } from '../embedding/embedding';
import { linear } from '../linear/linear';

/** Every operation of which a hardware adapter runs another text than the software adapter. */
const BY_ADAPTER = ['Linear', 'QkvProjections', 'SwiGlu', 'Experts', 'CausalAttention'];
const CASES = CONFORMANCE_TABLE.filter(({ operation }) => BY_ADAPTER.includes(operation.operationName));

describe.runIf(testBackend() === 'webgpu')('what WebGPU runs by adapter', () => {
  const refused: string[] = [];
  beforeAll(async () => {
    const result = await startBackend('webgpu-software', { onDeviceError: (message) => refused.push(message) });
    if (!result.ok) throw new Error(JSON.stringify(result.error));
  });
  afterEach(() => expect(refused.splice(0)).toEqual([]));

  describe.each([
    ['for the software adapter', false],
    ['for hardware', true],
  ])('%s', (_, hardware) => {
    beforeAll(async () => (await import('./register')).registerWebGpuPaths({ hardware }));

    it.each(CASES.map((testCase) => [titleOf(testCase), testCase] as const))('%s', async (_title, testCase) => {
      expect(await checkOperation(testCase)).toEqual([]);
    });

    it('is a program of its own for each of these operations', () =>
      expect(new Set(CASES.map(({ operation }) => operation.operationName)).size).toBe(BY_ADAPTER.length));

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

  it('more workgroups than fit into one dimension come in two', async () => {
    const size = 64 * 65_536 + 5;
    const table = upload(normals(rngFor(43, 'init'), [2, 1]));
    const ids = tf.tensor(
      new Int32Array(size).map((_, n) => n % 2),
      [size],
      'int32',
    );
    const rows = embedding(table, ids);
    const [values, known] = [await rows.data(), await table.data()];
    expect(values.findIndex((value, n) => value !== known[n % 2])).toBe(-1);
    tf.dispose([table, ids, rows]);
  });
});
