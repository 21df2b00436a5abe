import { expect, test } from 'vitest';
import { exponent, median, pairedRatio, percentile } from './statistics';

test('the median is the middle value, or the mean of the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test('a machine that slows both of a round changes no ratio', () => {
  expect(pairedRatio([10, 30, 20], [5, 15, 10])).toBe(2);
  expect(() => pairedRatio([1], [1, 2])).toThrow();
});

test('the exponent of a power law is found', () => {
  const x = [1, 2, 4, 8];
  const y = x.map((value) => 3 * value ** -1.5);
  expect(exponent(x, y)).toBeCloseTo(-1.5, 10);
});

test('a percentile is a value that was there', () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(percentile(values, 0.95)).toBe(95);
  expect(percentile([7], 0.95)).toBe(7);
  expect(percentile([], 0.5)).toBeNaN();
});
