import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PRESETS } from '../config/presets';
import { biasUpdateSpeedAt, learningRateAt, withLiveChange } from './schedule';

const schedule = { learningRate: 1, warmupSteps: 4, stableSteps: 3, decaySteps: 4, finalLearningRate: 0.2 };

it('rises in equal steps, holds, falls in equal steps, and stays', () => {
  const rates = Array.from({ length: 14 }, (_, i) => learningRateAt(i + 1, schedule));
  const expected = [0.25, 0.5, 0.75, 1, 1, 1, 1, 0.8, 0.6, 0.4, 0.2, 0.2, 0.2, 0.2];
  rates.forEach((rate, i) => expect(rate).toBeCloseTo(expected[i]!, 12));
});

it('without warm-up the first update has the full rate; without decay the final rate follows the plateau at once', () => {
  expect(learningRateAt(1, { ...schedule, warmupSteps: 0 })).toBe(1);
  expect(learningRateAt(8, { ...schedule, decaySteps: 0 })).toBe(0.2);
});

it('never leaves the span between zero and the larger of both rates', () => {
  const rate = fc.double({ min: 1e-6, max: 1, noNaN: true });
  const count = fc.nat(50);
  const any = fc.record({
    learningRate: rate,
    finalLearningRate: rate,
    warmupSteps: count,
    stableSteps: count,
    decaySteps: count,
  });
  fc.assert(
    fc.property(any, fc.integer({ min: 1, max: 200 }), (given, step) => {
      const value = learningRateAt(step, given);
      expect(value).toBeGreaterThan(0);
      expect(value).toBeLessThanOrEqual(Math.max(given.learningRate, given.finalLearningRate) * (1 + 1e-12));
    }),
  );
});

it('γ holds through warm-up and plateau, and falls with the learning rate', () => {
  const speeds = { ...schedule, biasUpdateSpeed: 0.01, finalBiasUpdateSpeed: 0.002 };
  const expected = [0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.008, 0.006, 0.004, 0.002, 0.002];
  expected.forEach((speed, i) => expect(biasUpdateSpeedAt(i + 1, speeds)).toBeCloseTo(speed, 12));
});

it('a live change before annealing still anneals; one made later stays as it is set, and leaves the other schedule alone', () => {
  const train = { ...PRESETS.default.train, ...schedule, biasUpdateSpeed: 0.01, finalBiasUpdateSpeed: 0.002 };
  const early = withLiveChange(train, { learningRate: 0.5 }, 7);
  expect([7, 9, 11].map((step) => learningRateAt(step, early))).toEqual([0.5, 0.35, 0.2]);
  const late = withLiveChange(train, { learningRate: 0.5 }, 9);
  expect([9, 10, 40].map((step) => learningRateAt(step, late))).toEqual([0.5, 0.5, 0.5]);
  expect(biasUpdateSpeedAt(40, late)).toBe(0.002);
  expect(biasUpdateSpeedAt(40, withLiveChange(late, { biasUpdateSpeed: 0.1 }, 30))).toBe(0.1);
});
