import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linearTicks, logTicks } from './tokenTicks';

const logTokens = (ticks: readonly number[], perStep: number): number[] => ticks.map((x) => Math.round(perStep * Math.expm1(x)));
const linearTokens = (ticks: readonly number[], perStep: number): number[] => ticks.map((x) => Math.round(perStep * x));

test('a logarithmic axis is marked at 0, at powers of ten, and at fives and twos where they have room', () => {
  const high = Math.log1p(33);
  const marked = (gap: number): number[] => logTokens(logTicks({ perStep: 192, low: 0, high, gap }), 192);
  expect(marked(0.4)).toEqual([0, 100, 500, 1000, 2000, 5000]);
  expect(marked(1)).toEqual([0, 1000, 5000]);
  expect(marked(2)).toEqual([0, 5000]);
});

test('a linear axis is marked evenly, by a round number of tokens', () => {
  const marked = (gap: number): number[] => linearTokens(linearTicks({ perStep: 192, low: 0, high: 33, gap }), 192);
  expect(marked(4)).toEqual([0, 1000, 2000, 3000, 4000, 5000, 6000]);
  expect(marked(6)).toEqual([0, 2000, 4000, 6000]);
});

test('every mark is a round number, lies on the axis, and has its room', () => {
  const range = fc.record({
    perStep: fc.integer({ min: 1, max: 1e6 }),
    from: fc.nat(1000),
    steps: fc.integer({ min: 1, max: 1e5 }),
    most: fc.integer({ min: 1, max: 30 }),
  });
  fc.assert(
    fc.property(range, ({ perStep, from, steps, most }) => {
      for (const [ticks, spread, tokens] of [
        [logTicks, Math.log1p, logTokens],
        [linearTicks, Number, linearTokens],
      ] as const) {
        const [low, high] = [spread(from), spread(from + steps)];
        const gap = (high - low) / most;
        const marks = ticks({ perStep, low, high, gap });
        for (const [index, mark] of marks.entries()) {
          expect(mark).toBeGreaterThanOrEqual(low - 1e-6);
          expect(mark).toBeLessThanOrEqual(high + 1e-6);
          if (index > 0) expect(mark - marks[index - 1]!).toBeGreaterThanOrEqual(gap * (1 - 1e-6));
        }
        if (ticks === logTicks) for (const mark of tokens(marks, perStep)) expect(String(mark)).toMatch(/^(0|[125]0*)$/);
        else expect(new Set(tokens(marks, perStep)).size).toBe(marks.length);
      }
    }),
  );
});
