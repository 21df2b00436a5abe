import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromLogPosition, LOG_POSITIONS, parseTyped, toLogPosition, typed, type FieldScale } from './fieldScale';

const rate: FieldScale = { min: 1e-6, max: 1, scale: 'log' };
const fromZero: FieldScale = { min: 0, max: 1, scale: 'log' };

describe('a logarithmic slider', () => {
  test('reaches both ends exactly', () => {
    for (const field of [rate, fromZero]) {
      expect(fromLogPosition(0, field)).toBe(field.min);
      expect(fromLogPosition(LOG_POSITIONS, field)).toBe(field.max);
      expect(toLogPosition(field.min, field)).toBe(0);
      expect(toLogPosition(field.max, field)).toBe(LOG_POSITIONS);
    }
  });

  test('comes back to within two significant digits of the value it was set to', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1, noNaN: true }), (value) => {
        expect(Math.abs(fromLogPosition(toLogPosition(value, rate), rate) / value - 1)).toBeLessThan(0.06);
      }),
    );
  });

  test('a larger value never stands to the left of a smaller one', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (a, b) => {
        expect(toLogPosition(Math.max(a, b), fromZero)).toBeGreaterThanOrEqual(toLogPosition(Math.min(a, b), fromZero));
      }),
    );
  });
});

describe('typed numbers', () => {
  test('what is shown reads back as the same number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(parseTyped(typed(value)) === value).toBe(true);
      }),
    );
  });

  test('thousands commas, true minus and exponents are read; words are not numbers', () => {
    expect(parseTyped('1,024')).toBe(1024);
    expect(parseTyped('−0.5')).toBe(-0.5);
    expect(parseTyped('3e-4')).toBe(3e-4);
    for (const text of ['', 'many', '0x10', '1..2', 'Infinity']) expect(parseTyped(text)).toBeNaN();
  });
});
