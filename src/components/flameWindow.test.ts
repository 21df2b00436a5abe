import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { around, moved, nextSpan, showing, spanAt, ticks, zoomed, type FlameSpan } from './flameWindow';

const TOTAL = 100;
const spans: FlameSpan[] = [
  { row: 0, start: 0, end: 60 },
  { row: 0, start: 60, end: 100 },
  { row: 1, start: 10, end: 30 },
  { row: 1, start: 30, end: 55 },
  { row: 1, start: 70, end: 90 },
];

describe('the time in sight', () => {
  test('zooming keeps the moment under the pointer in its place', () => {
    const near = zoomed({ from: 0, until: 100 }, 0.5, 30, TOTAL);
    expect(near).toEqual({ from: 15, until: 65 });
    expect((30 - near.from) / (near.until - near.from)).toBeCloseTo(0.3);
    expect(zoomed(near, 2, 30, TOTAL)).toEqual({ from: 0, until: 100 });
  });

  test('never leaves the step, never turns round, whatever is done', () => {
    const action = fc.oneof(
      fc.tuple(fc.constant('zoom' as const), fc.double({ min: 0.01, max: 100, noNaN: true })),
      fc.tuple(fc.constant('move' as const), fc.double({ min: -3, max: 3, noNaN: true })),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 20 }), fc.double({ min: 0, max: 1, noNaN: true }), (actions, share) => {
        let window = { from: 0, until: TOTAL };
        for (const [kind, amount] of actions) {
          const at = window.from + share * (window.until - window.from);
          window = kind === 'zoom' ? zoomed(window, amount, at, TOTAL) : moved(window, amount, TOTAL);
          expect(window.from).toBeGreaterThanOrEqual(0);
          expect(window.until).toBeLessThanOrEqual(TOTAL + 1e-9);
          expect(window.until - window.from).toBeGreaterThan(0.049);
        }
      }),
    );
  });

  test('a span that is chosen fills it, one that is walked to is brought into it', () => {
    expect(around({ start: 30, end: 50 }, TOTAL)).toEqual({ from: 29, until: 51 });
    expect(showing({ from: 0, until: 20 }, { start: 30, end: 35 }, TOTAL)).toEqual({ from: 15, until: 35 });
    expect(showing({ from: 50, until: 70 }, { start: 30, end: 35 }, TOTAL)).toEqual({ from: 30, until: 50 });
    expect(showing({ from: 50, until: 70 }, { start: 55, end: 60 }, TOTAL)).toEqual({ from: 50, until: 70 });
    expect(showing({ from: 50, until: 60 }, { start: 0, end: 90 }, TOTAL)).toEqual({ from: 0, until: 10 });
  });

  test('ticks are round and inside it', () => {
    expect(ticks({ from: 0, until: 100 }, 5)).toEqual([0, 20, 40, 60, 80, 100]);
    expect(ticks({ from: 3.1, until: 4.2 }, 5)).toEqual([3.5, 4]);
  });
});

describe('walking', () => {
  test('arrows go along a row and to what is at the same time in the next', () => {
    expect(nextSpan(spans, -1, 'ArrowRight')).toBe(0);
    expect(nextSpan(spans, 2, 'ArrowRight')).toBe(3);
    expect(nextSpan(spans, 2, 'ArrowLeft')).toBe(2);
    expect(nextSpan(spans, 4, 'ArrowUp')).toBe(1);
    expect(nextSpan(spans, 1, 'ArrowDown')).toBe(4);
    expect(nextSpan(spans, 0, 'ArrowDown')).toBe(2);
    expect(nextSpan(spans, 4, 'ArrowDown')).toBe(4);
    expect(nextSpan(spans, 4, 'Home')).toBe(2);
    expect(nextSpan(spans, 2, 'End')).toBe(4);
    expect(nextSpan(spans, 2, 'x')).toBe(-1);
    expect(nextSpan([], -1, 'ArrowRight')).toBe(-1);
  });

  test('a moment without work has no span', () => {
    expect(spanAt(spans, 1, 60)).toBe(-1);
    expect(spanAt(spans, 1, 30)).toBe(3);
    expect(spanAt(spans, 0, 60)).toBe(1);
  });
});
