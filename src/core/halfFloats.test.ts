import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from './halfFloats';

const every = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);

/** The nearest of all finite numbers of a format, ties to the one with an even last bit, by looking at each of them. */
function nearest(value: number, table: readonly { bits: number; value: number }[]): number {
  let best = table[0]!;
  for (const one of table) {
    const [a, b] = [Math.abs(one.value - value), Math.abs(best.value - value)];
    if (a < b || (a === b && (one.bits & 1) === 0)) best = one;
  }
  return best.value;
}

describe.each([
  {
    name: 'bfloat16',
    to: toBfloat16,
    from: fromBfloat16,
    sample: (bits: number) => (bits & 0x7fff) >>> 7 > 110 && (bits & 0x7fff) >>> 7 < 140,
  },
  { name: 'float16', to: toFloat16, from: fromFloat16, sample: (bits: number) => ((bits >>> 10) & 31) < 31 },
])('$name', ({ to, from, sample }) => {
  it('gives back every number it has', () => {
    const back = to(from(every));
    const isNaNBits = Number.isNaN;
    const values = from(every);
    for (const [bits, found] of back.entries()) if (!isNaNBits(values[bits])) expect(found).toBe(bits);
    expect(from(to(Float32Array.of(NaN)))[0]).toBeNaN();
  });

  it('rounds to the nearest number it has, ties to even', () => {
    const values = from(every);
    const table = [...every].filter((bits) => sample(bits)).map((bits) => ({ bits, value: values[bits]! }));
    const largest = Math.max(...table.map(({ value }) => value));
    fc.assert(
      fc.property(fc.float({ min: -1, max: 1, noNaN: true }), fc.nat(table.length - 2), (offset, index) => {
        const near = table[index]!.value;
        const value = Math.fround(near * (1 + offset / 512));
        fc.pre(Math.abs(value) < largest && Math.abs(value) > 2 ** -14);
        expect(from(to(Float32Array.of(value)))[0]).toBe(nearest(value, table));
      }),
      { numRuns: 60 },
    );
  });

  it('keeps halfway cases even, and goes to infinity beyond its largest number', () => {
    expect(from(to(Float32Array.of(Infinity, -Infinity, 3.4e38, -0)))).toEqual(
      Float32Array.of(Infinity, -Infinity, Infinity, -0),
    );
  });
});

it('halfway cases go to the even one, small numbers of float16 included', () => {
  expect([...toBfloat16(new Float32Array(Uint32Array.of(0x3f808000, 0x3f818000, 0x3f808001).buffer))]).toEqual([
    0x3f80, 0x3f82, 0x3f81,
  ]);
  expect([...toFloat16(Float32Array.of(2 ** -25, 1.5 * 2 ** -24, 2.5 * 2 ** -24, 65519, 65520, 2 ** -14))]).toEqual([
    0, 2, 2, 0x7bff, 0x7c00, 0x0400,
  ]);
});
