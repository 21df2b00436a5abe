import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alignCurves, labelMiddles, knownAt } from './chartData';

test('curves of one axis keep it', () => {
  expect(alignCurves([1, 2, 3], [{ values: [5, NaN, 7] }], false)).toEqual([
    [1, 2, 3],
    [5, null, 7],
  ]);
});

test('a sparse curve finds its places among the dense one, and brings those it alone has', () => {
  expect(alignCurves([1, 2, 4], [{ values: [9, 8, 7] }, { x: [2, 3], values: [1, 2] }], false)).toEqual([
    [1, 2, 3, 4],
    [9, 8, null, 7],
    [null, 1, 2, null],
  ]);
});

test('a logarithmic axis draws nothing at or below zero', () => {
  expect(alignCurves([1, 2], [{ values: [0, 3] }], true)[1]).toEqual([null, 3]);
});

test('a reading looks back to the last value there is', () => {
  expect(knownAt([1, null, null, 4], 2)).toBe(0);
  expect(knownAt([null, null], 1)).toBe(-1);
});

test('a label stands above its line where there is room, and labels never overlap, however close their lines are', () => {
  expect(labelMiddles([50, 100], 8, 12)).toEqual([42, 92]);
  expect(labelMiddles([10], 8, 12)).toEqual([18]);
  fc.assert(
    fc.property(fc.array(fc.double({ min: 8, max: 128, noNaN: true }), { maxLength: 5 }), (lines) => {
      const middles = labelMiddles(
        lines.toSorted((a, b) => a - b),
        8,
        12,
      );
      for (const [index, middle] of middles.entries())
        expect(middle - (middles[index - 1] ?? 2)).toBeGreaterThanOrEqual(12 - 1e-9);
    }),
  );
});
