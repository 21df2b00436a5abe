import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isCheckpointDue, isSnapshotDue, thinned } from './ladder';

const rung = (step: number, bytes = 1, isPinned = false) => ({ step, bytes, isPinned });
const dueSteps = (steps: number, tokens: number, every: number, due = isSnapshotDue): number[] =>
  Array.from({ length: steps }, (_, index) => index + 1).filter((step) => due((step - 1) * tokens, step * tokens, every));

it('snapshots come at halves of the spacing first, then at every multiple of it', () => {
  expect(dueSteps(200, 1, 64)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 192]);
  expect(dueSteps(10, 100, 64)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(dueSteps(100, 7, 0)).toEqual([]);
});

it('a step that passes several moments is kept once, and no moment is passed over', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 5000 }), (tokens, every) => {
      const expected = new Set<number>();
      for (let k = 1; k <= 6; k++) expected.add(Math.ceil(every / 2 ** k / tokens));
      for (let n = 1; Math.ceil((n * every) / tokens) <= 40; n++) expected.add(Math.ceil((n * every) / tokens));
      expect(dueSteps(40, tokens, every)).toEqual([...expected].filter((step) => step <= 40).sort((a, b) => a - b));
    }),
  );
});

it('checkpoints come at multiples only', () => {
  expect(dueSteps(100, 10, 256, isCheckpointDue)).toEqual([26, 52, 77]);
  expect(dueSteps(100, 10, 0, isCheckpointDue)).toEqual([]);
});

it('nothing goes while everything fits', () => {
  const rungs = [rung(0), rung(5), rung(9)];
  expect(thinned(rungs, 3)).toEqual(rungs);
});

it('of equal steps a logarithmic ladder stays, and with it the first and the last', () => {
  let kept: ReturnType<typeof rung>[] = [];
  for (let step = 1; step <= 2000; step++) kept = thinned([...kept, rung(step)], 12);
  const steps = kept.map(({ step }) => step);
  expect(steps).toHaveLength(12);
  expect([steps[0], steps.at(-1)]).toEqual([1, 2000]);
  const gaps = steps.slice(1).map((step, index) => Math.log((1 + step) / (1 + steps[index]!)));
  expect(Math.max(...gaps.slice(0, -1)) / Math.min(...gaps.slice(0, -1))).toBeLessThan(4.5);
});

it('pinned moments give way after all others, the last one never while it fits', () => {
  const rungs = [rung(0), rung(3, 1, true), rung(4), rung(50), rung(51)];
  expect(thinned(rungs, 3).map(({ step }) => step)).toEqual([0, 3, 51]);
  expect(thinned(rungs, 2).map(({ step }) => step)).toEqual([3, 51]);
  expect(thinned(rungs, 1).map(({ step }) => step)).toEqual([51]);
  expect(thinned(rungs, 0)).toEqual([]);
});

it('never takes more than its budget, keeps the order, and drops only what it has to', () => {
  const list = fc.uniqueArray(fc.record({ step: fc.nat(9999), bytes: fc.integer({ min: 1, max: 50 }), isPinned: fc.boolean() }), {
    selector: ({ step }) => step,
    maxLength: 30,
  });
  fc.assert(
    fc.property(list, fc.nat(400), (some, budget) => {
      const rungs = some.sort((a, b) => a.step - b.step);
      const kept = thinned(rungs, budget);
      const size = (of: typeof rungs) => of.reduce((sum, { bytes }) => sum + bytes, 0);
      expect(size(kept)).toBeLessThanOrEqual(budget);
      expect(rungs.filter((one) => kept.includes(one))).toEqual(kept);
      if (size(rungs) <= budget) expect(kept).toEqual(rungs);
      if (rungs.length > 0 && rungs.at(-1)!.bytes <= budget) expect(kept.at(-1)).toBe(rungs.at(-1));
    }),
  );
});
