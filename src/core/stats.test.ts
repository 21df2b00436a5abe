import fc from 'fast-check';
import { expect, it } from 'vitest';
import { entropy, max, mean, MovingAverage, sum } from './stats';

it('sum, mean and largest of numbers; the mean of nothing is no number', () => {
  expect([sum([1, 2, 4]), mean([1, 2, 3]), max([-3, -1, -2])]).toEqual([7, 2, -1]);
  expect(mean([])).toBeNaN();
});

it('entropy is ln n for n equal counts, 0 for a single one, and never more than ln n', () => {
  expect(entropy([5, 5, 5, 5])).toBeCloseTo(Math.log(4), 12);
  expect([entropy([0, 9, 0]), entropy([]), entropy([0, 0])]).toEqual([0, 0, 0]);
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { minLength: 1, maxLength: 20 }), (counts) => {
      expect(entropy(counts)).toBeLessThanOrEqual(Math.log(counts.length) + 1e-9);
      expect(entropy(counts)).toBeGreaterThanOrEqual(0);
    }),
  );
});

it('a moving average of a constant is that constant from the first value on', () => {
  const average = new MovingAverage(0.9);
  for (let i = 0; i < 5; i++) expect(average.push(3)).toBeCloseTo(3, 12);
  expect(average.push(13)).toBeGreaterThan(3);
});
