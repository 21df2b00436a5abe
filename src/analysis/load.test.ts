import { expect, test } from 'vitest';
import { rngFor } from '../core/rng';
import {
  deadExperts,
  effectiveExpertShare,
  hasCollapsed,
  loadShares,
  maxVio,
  maxVioCeiling,
  meanBiasChangedShare,
  meanMaxVio,
  relativeLoad,
  samplingFloor,
} from './load';

test('load shares sum to one and relative loads average one', () => {
  expect([...loadShares([1, 3, 0, 4])]).toEqual([0.125, 0.375, 0, 0.5]);
  expect([...relativeLoad([1, 3, 0, 4])]).toEqual([0.5, 1.5, 0, 2]);
  expect([...loadShares([0, 0])]).toEqual([0, 0]);
});

test('MaxVio is zero for equal loads and meets its ceiling when all tokens pick the same experts', () => {
  expect(maxVio([5, 5, 5, 5])).toBe(0);
  expect(maxVio([10, 10, 0, 0, 0, 0, 0, 0])).toBe(maxVioCeiling(8, 2));
  expect(meanMaxVio(Float32Array.of(5, 5, 10, 0), 2, 2)).toBe(0.5);
});

test.each([
  [1024, 16, 2, 0.15],
  [1024, 128, 6, 0.39],
  [8192, 128, 6, 0.13],
  [65_536, 16, 2, 0.019],
])('the sampling floor of %i tokens on %i experts, %i each, is the reference figure %f', (tokens, experts, perToken, floor) => {
  expect(samplingFloor(tokens, experts, perToken)).toBeGreaterThan(floor * 0.96);
  expect(samplingFloor(tokens, experts, perToken)).toBeLessThan(floor * 1.04);
});

test('the floor agrees with routing that really is uniform, and repeats itself exactly', () => {
  const rng = rngFor(3, 'sample');
  let total = 0;
  for (let draw = 0; draw < 100; draw++) {
    const load = new Float64Array(16);
    for (let token = 0; token < 400; token++) {
      const first = rng.below(16);
      load[first]!++;
      load[(first + 1 + rng.below(15)) % 16]!++;
    }
    total += maxVio(load) / 100;
  }
  expect(samplingFloor(400, 16, 2)).toBeGreaterThan(total * 0.93);
  expect(samplingFloor(400, 16, 2)).toBeLessThan(total * 1.07);
  expect(samplingFloor(400, 16, 2)).toBe(samplingFloor(400, 16, 2));
});

test('drawn tokens and the normal approximation meet where they hand over', () => {
  const exact = samplingFloor(1599, 16, 2);
  const normal = samplingFloor(1600, 16, 2);
  expect(Math.abs(exact - normal) / normal).toBeLessThan(0.06);
});

test('a router without a choice has no floor', () => {
  expect(samplingFloor(1000, 4, 4)).toBe(0);
});

test('an expert is dead only over a window that could have shown it alive', () => {
  expect(deadExperts([0, 10, 10])).toBeNull();
  expect(deadExperts([0, 300, 300, 2])).toEqual([0]);
  expect(deadExperts([0, 600, 600, 1])).toEqual([0, 3]);
});

test('using one of many experts is collapse, sharing alike is not', () => {
  expect(effectiveExpertShare([4, 4, 4, 4])).toBeCloseTo(1, 12);
  expect(effectiveExpertShare([4, 0, 0, 0])).toBeCloseTo(0.25, 12);
  expect(hasCollapsed([4, 4, 1, 1])).toBe(false);
  expect(hasCollapsed([100, 1, 1, 1])).toBe(true);
});

test('the bias-changed share of a model is the mean over its layers', () => {
  expect(meanBiasChangedShare([0.2, 0.4])).toBeCloseTo(0.3, 12);
});
