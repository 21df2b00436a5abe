import { expect, test } from 'vitest';
import { rngFor } from '../core/rng';
import { pairedEstimate, tQuantile975 } from './pairedInterval';

test('quantiles of Student’s t are those of the tables', () => {
  const table = [
    [1, 12.706],
    [2, 4.303],
    [3, 3.182],
    [5, 2.571],
    [10, 2.228],
    [30, 2.042],
    [120, 1.98],
  ] as const;
  for (const [freedom, value] of table) expect(Math.abs(tQuantile975(freedom) / value - 1)).toBeLessThan(0.01);
});

test('documents of one length: the mean of differences, with the interval of the textbook', () => {
  const { mean, low, high } = pairedEstimate([10, 20, 30], [10, 10, 10]);
  expect(mean).toBeCloseTo(2, 12);
  expect(high - mean).toBeCloseTo((4.303 * 1) / Math.sqrt(3), 2);
  expect(mean - low).toBeCloseTo(high - mean, 12);
});

test('one document tells no spread; equal differences a token have none', () => {
  expect(pairedEstimate([3], [10])).toEqual({ mean: 0.3, low: NaN, high: NaN });
  const same = pairedEstimate([1, 2, 4], [10, 20, 40]);
  expect(same.high - same.low).toBeCloseTo(0, 12);
});

test('nineteen of twenty intervals hold the true difference', () => {
  let held = 0;
  for (let round = 0; round < 2000; round++) {
    const rng = rngFor(round, 'split');
    const tokens = Array.from({ length: 20 }, () => 40 + rng.below(80));
    const differences = tokens.map((count) => count * (0.1 + 0.05 * rng.normal()));
    const { low, high } = pairedEstimate(differences, tokens);
    if (low <= 0.1 && 0.1 <= high) held++;
  }
  expect(held / 2000).toBeGreaterThan(0.92);
  expect(held / 2000).toBeLessThan(0.97);
});
