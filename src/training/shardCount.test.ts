import { beforeAll, expect, it } from 'vitest';
import { memoryEstimate } from '../analysis/memory';
import { PRESETS } from '../config/presets';
import { memoryLimits } from '../kernels/memoryLimits';
import { testBackend } from '../testing/backend';
import { startTestBackend } from '../testing/startTestBackend';
import { withShards } from './shardCount';

beforeAll(startTestBackend);

const { default: preset } = PRESETS;
const isGpu = testBackend() === 'webgpu';

it('follows the backend where a run leaves it open, and stays where a run names it', () => {
  expect(withShards(preset).train).toEqual({ ...preset.train, shards: isGpu ? 1 : 4 });
  const named = { ...preset, train: { ...preset.train, shards: 2 } };
  expect(withShards(named)).toBe(named);
});

it('grows until a shard fits into the memory of the backend', () => {
  const model = { ...preset.model, vocabSize: 65_536 };
  const large = { ...preset, model, train: { ...preset.train, batchSize: 64, sequenceLength: isGpu ? 128 : 512 } };
  const { tensor, total } = memoryLimits();
  const { shards } = withShards(large).train;
  const needed = (count: number) => memoryEstimate(model, { ...large.train, shards: count });
  expect(shards).toBeGreaterThan(isGpu ? 1 : 4);
  expect(needed(shards).largestTensor).toBeLessThanOrEqual(tensor);
  expect(needed(shards).total).toBeLessThanOrEqual(total);
  const before = needed(shards / 2);
  expect(before.largestTensor > tensor || before.total > total).toBe(true);
});
