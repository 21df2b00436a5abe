import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rngFor, STREAMS, type Stream } from './rng';
import { mean } from './stats';

const streams = Object.keys(STREAMS) as Stream[];
const seed = fc.integer({ min: 0, max: 0xffffffff });
const take = (count: number, draw: () => number) => Array.from({ length: count }, draw);

describe('chance', () => {
  it('is a pure function of seed, stream and step, and differs where one of them does', () => {
    fc.assert(
      fc.property(seed, fc.constantFrom(...streams), fc.nat(1e6), (seed, stream, step) => {
        const draws = (...place: Parameters<typeof rngFor>) => take(4, rngFor(...place).uint32);
        const here = draws(seed, stream, step);
        expect(draws(seed, stream, step)).toEqual(here);
        expect(draws(seed ^ 1, stream, step)).not.toEqual(here);
        expect(draws(seed, stream, step + 1)).not.toEqual(here);
        for (const other of streams) if (other !== stream) expect(draws(seed, other, step)).not.toEqual(here);
      }),
    );
  });

  it('uniform draws stay in [0, 1), fill it evenly, and are exact in float32', () => {
    const rng = rngFor(1, 'data');
    const draws = take(20_000, rng.uniform);
    expect(draws.every((draw) => draw >= 0 && draw < 1 && Math.fround(draw) === draw)).toBe(true);
    const tenths = new Array<number>(10).fill(0);
    for (const draw of draws) tenths[Math.floor(10 * draw)]!++;
    // 5 standard deviations of a binomial count.
    for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(5 * Math.sqrt(2000 * 0.9));
  });

  it('below(n) reaches every integer under n and none else', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 12 }), (seed, n) => {
        const rng = rngFor(seed, 'split');
        const seen = new Set(take(40 * n, () => rng.below(n)));
        expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      }),
    );
  });

  it('normal draws have mean 0, variance 1 and the tails of a normal', () => {
    const rng = rngFor(7, 'init');
    const draws = take(40_000, rng.normal);
    expect(mean(draws)).toBeCloseTo(0, 1);
    expect(mean(draws.map((x) => x * x))).toBeCloseTo(1, 1);
    expect(draws.filter((x) => Math.abs(x) > 2).length / draws.length).toBeCloseTo(0.0455, 2);
  });

  it('neighbouring steps are uncorrelated', () => {
    const pairs = Array.from({ length: 5000 }, (_, step) => [
      rngFor(3, 'sample', step).uniform() - 0.5,
      rngFor(3, 'sample', step + 1).uniform() - 0.5,
    ]);
    expect(Math.abs(12 * mean(pairs.map(([a, b]) => a! * b!)))).toBeLessThan(5 / Math.sqrt(5000));
  });
});
