import { expect, test } from 'vitest';
import { PRESETS } from '../config/presets';
import { memoryEstimate } from './memory';
import { modelSize } from './modelSize';

const { model } = PRESETS.default;
const train = { ...PRESETS.default.train, shards: 4 };

test('parameters, gradients and two moments take sixteen bytes a parameter', () => {
  const { parameters, gradients, optimizer } = memoryEstimate(model, train);
  expect(parameters + gradients + optimizer).toBe(16 * modelSize(model).totalParameters);
});

test('twice the shards halve what the forward pass keeps; twice the batch doubles it', () => {
  const { activations } = memoryEstimate(model, train);
  expect(memoryEstimate(model, { ...train, shards: train.shards * 2 }).activations).toBe(activations / 2);
  expect(memoryEstimate(model, { ...train, batchSize: train.batchSize * 2 }).activations).toBe(activations * 2);
});

test('idle experts cost parameters, not activations', () => {
  const more = memoryEstimate({ ...model, nRoutedExperts: 32 }, train);
  const fewer = memoryEstimate(model, train);
  expect(more.parameters).toBeGreaterThan(fewer.parameters * 1.2);
  expect(more.activations).toBeLessThan(fewer.activations * 1.05);
});

test('the largest tensor is the largest matrix, or one shard’s logits where those are larger', () => {
  const wide = { ...model, nRoutedExperts: 0, nSharedExperts: 0, numExpertsPerTok: 0, vocabSize: 4096 };
  const one = { batchSize: 1, sequenceLength: 8, shards: 1 };
  expect(memoryEstimate(wide, one).largestTensor).toBe(4 * 4096 * model.hiddenSize);
  expect(memoryEstimate(wide, { ...one, sequenceLength: 1024 }).largestTensor).toBe(4 * 4096 * 1024);
  const experts = { ...model, nRoutedExperts: 128, moeIntermediateSize: 512 };
  expect(memoryEstimate(experts, one).largestTensor).toBe(4 * 128 * 512 * model.hiddenSize);
});
