import { expect, test } from 'vitest';
import { PRESETS } from '../config/presets';
import { memoryEstimate } from './memory';
import { modelSize } from './modelSize';

const { model, train } = PRESETS.default;

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
