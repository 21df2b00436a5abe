// Comparing routes, against plain loops written from the definitions.
import { describe, expect, test } from 'vitest';
import { rngFor } from '../core/rng';
import {
  changedShare,
  compareRoutes,
  dealtDivergence,
  haveOneShape,
  loadOf,
  mostDifferent,
  saturation,
  type TextRoutes,
} from './routeComparison';

const SHAPE = { layers: 3, experts: 8, expertsPerToken: 2 };

/** Random choices; `taste` shifts them to one end of the experts. */
function routes(seed: number, tokens: readonly number[], taste = 0, shape = SHAPE): TextRoutes {
  const rng = rngFor(seed, 'sample');
  const { layers, experts, expertsPerToken: K } = shape;
  const N = tokens.reduce((sum, count) => sum + count, 0);
  const chosen = new Int16Array(layers * N * K);
  for (let row = 0; row < layers * N; row++) {
    const order = Array.from({ length: experts }, (_, expert) => ({ expert, rank: rng.uniform() + taste * expert }));
    order.sort((a, b) => b.rank - a.rank);
    for (let k = 0; k < K; k++) chosen[row * K + k] = order[k]!.expert;
  }
  return { ...shape, tokens: Int32Array.from(tokens), ids: Int32Array.from({ length: N }, () => rng.below(99)), chosen };
}

/** KL by its definition, bits. */
function kl(p: readonly number[], q: readonly number[]): number {
  return p.reduce((bits, share, i) => (share > 0 ? bits + share * Math.log2(share / q[i]!) : bits), 0);
}

function sharesByLoop({ chosen, ids, layers, experts, expertsPerToken: K }: TextRoutes): number[][] {
  return Array.from({ length: layers }, (_, layer) => {
    const counts = Array<number>(experts).fill(0);
    for (let i = layer * ids.length * K; i < (layer + 1) * ids.length * K; i++) counts[chosen[i]!]!++;
    return counts.map((count) => count / (ids.length * K));
  });
}

describe('two texts', () => {
  const [a, b] = [routes(1, [5, 9], 0.1), routes(2, [12], -0.2)];

  test('are as far apart as the mean of two divergences from their middle says', () => {
    const { divergence, jaccard, loads, overlap } = compareRoutes(a, b);
    const [p, q] = [sharesByLoop(a), sharesByLoop(b)];
    p.forEach((left, layer) => {
      const right = q[layer]!;
      const middle = left.map((share, i) => (share + right[i]!) / 2);
      expect(divergence[layer]).toBeCloseTo((kl(left, middle) + kl(right, middle)) / 2, 10);
      const least = left.map((share, i) => Math.min(share, right[i]!)).reduce((x, y) => x + y);
      const most = left.map((share, i) => Math.max(share, right[i]!)).reduce((x, y) => x + y);
      expect(jaccard[layer]).toBeCloseTo(least / most, 10);
    });
    expect(overlap).toBeNull();
    expect([...loads[0]]).toEqual(p.flat().map((share) => Math.round(share * 28)));
  });

  test('stand in one order or the other with the same distances', () => {
    const [there, back] = [compareRoutes(a, b), compareRoutes(b, a)];
    expect(there.jaccard).toEqual(back.jaccard);
    there.divergence.forEach((bits, layer) => expect(bits).toBeCloseTo(back.divergence[layer]!, 12));
  });

  test('without an expert in common are one bit apart, the same ones none', () => {
    const only = (expert: number): TextRoutes => ({ ...a, chosen: a.chosen.map((_, i) => expert + (i % 2)) });
    const apart = compareRoutes(only(0), { ...only(4), ids: a.ids.map((id) => id + 1) });
    expect([...apart.divergence, ...apart.jaccard]).toEqual([1, 1, 1, 0, 0, 0]);
    const same = compareRoutes(a, a);
    expect([...same.divergence, ...same.jaccard, ...same.overlap!]).toEqual([0, 0, 0, 1, 1, 1, 1, 1, 1]);
  });

  test('differ most where the difference of shares is largest', () => {
    const all = mostDifferent(compareRoutes(a, b), 24);
    const [p, q] = [sharesByLoop(a), sharesByLoop(b)];
    for (const { layer, expert, shares, difference } of all) {
      expect(shares[0]).toBeCloseTo(p[layer]![expert]!, 10);
      expect(difference).toBeCloseTo(q[layer]![expert]! - p[layer]![expert]!, 10);
    }
    const sizes = all.map(({ difference }) => Math.abs(difference));
    expect(sizes).toEqual([...sizes].sort((x, y) => y - x));
    expect(new Set(all.map(({ layer, expert }) => `${layer} ${expert}`)).size).toBe(24);
    expect(mostDifferent(compareRoutes(a, b), 5)).toEqual(all.slice(0, 5));
  });
});

describe('one text in two models', () => {
  test('overlaps by the mean share of common choices, over the larger K', () => {
    const a = routes(3, [7, 4]);
    const b = { ...routes(4, [7, 4], 0, { ...SHAPE, expertsPerToken: 3 }), ids: a.ids };
    const { overlap, overlapByChance } = compareRoutes(a, b);
    for (let layer = 0; layer < 3; layer++) {
      let shared = 0;
      for (let n = 0; n < 11; n++)
        for (let k = 0; k < 2; k++)
          for (let j = 0; j < 3; j++) if (a.chosen[(layer * 11 + n) * 2 + k] === b.chosen[(layer * 11 + n) * 3 + j]) shared++;
      expect(overlap![layer]).toBeCloseTo(shared / 11 / 3, 12);
    }
    expect(overlapByChance).toBe(2 / 8);
  });

  test('of random choices overlaps by chance', () => {
    const a = routes(5, [4000]);
    const { overlap, overlapByChance } = compareRoutes(a, { ...routes(6, [4000]), ids: a.ids });
    for (const share of overlap!) expect(Math.abs(share - overlapByChance)).toBeLessThan(0.02);
  });

  test('is not compared where its tokens are others, nor the models where their shapes are', () => {
    const a = routes(1, [3, 3]);
    expect(compareRoutes(a, { ...a, tokens: Int32Array.of(2, 4) }).overlap).toBeNull();
    const wide = routes(1, [3, 3], 0, { ...SHAPE, experts: 16 });
    expect(haveOneShape(a, wide)).toBe(false);
    expect(() => compareRoutes(a, wide)).toThrow('3 × 8 experts beside 3 × 16');
  });
});

describe('texts dealt anew', () => {
  test('lie under what sides of different taste show, and around what sides of one taste show', () => {
    const lengths = Array<number>(8).fill(12);
    const [a, b, c] = [routes(1, lengths, 0.1), routes(2, lengths, 0.1), routes(3, lengths, -0.1)];
    const same = dealtDivergence(a, b, 200, rngFor(1, 'sample'))!;
    const other = dealtDivergence(a, c, 200, rngFor(1, 'sample'))!;
    const [ab, ac] = [compareRoutes(a, b).divergence, compareRoutes(a, c).divergence];
    for (let layer = 0; layer < 3; layer++) {
      expect(same.mean[layer]).toBeGreaterThan(0);
      expect(same.high[layer]).toBeGreaterThan(same.mean[layer]!);
      expect(ab[layer]).toBeLessThan(2 * same.high[layer]!);
      expect(ac[layer]).toBeGreaterThan(2 * other.high[layer]!);
    }
  });

  test('keep every assignment: two texts of one side dealt with none of the other are no deal', () => {
    expect(dealtDivergence(routes(1, [5, 5]), routes(2, [5, 5, 5]), 10, rngFor(1, 'sample'))).toBeNull();
    const a = routes(1, [5, 6, 7]);
    expect(loadOf(a).reduce((sum, count) => sum + count, 0)).toBe(18 * 2 * 3);
  });
});

describe('two moments of a run on the same tokens', () => {
  const earlier = routes(7, [6, 10], 0.2);
  const last: TextRoutes = { ...routes(8, [6, 10], 0.2), ids: earlier.ids };
  const sorted = (set: readonly number[]): string => set.toSorted((a, b) => a - b).join();
  const sets = ({ chosen }: TextRoutes, layer: number) =>
    Array.from({ length: 16 }, (_, n) => [...chosen.subarray((layer * 16 + n) * 2, (layer * 16 + n + 1) * 2)]);

  test('saturation is the share of the last choices that the earlier one makes, token by token', () => {
    for (const [layer, share] of saturation(earlier, last).entries()) {
      let kept = 0;
      const [own, ends] = [sets(earlier, layer), sets(last, layer)];
      for (let n = 0; n < 16; n++) for (const expert of ends[n]!) kept += own[n]!.includes(expert) ? 1 : 0;
      expect(share).toBeCloseTo(kept / 32, 12);
    }
    expect([...saturation(last, last)]).toEqual([1, 1, 1]);
  });

  test('a token has changed when its set of experts has, whatever their order', () => {
    for (const [layer, share] of changedShare(earlier, last).entries()) {
      const [own, ends] = [sets(earlier, layer), sets(last, layer)];
      const changed = own.filter((set, n) => sorted(set) !== sorted(ends[n]!));
      expect(share).toBeCloseTo(changed.length / 16, 12);
    }
    const turned: TextRoutes = { ...last, chosen: last.chosen.map((_, i, all) => all[i ^ 1]!) };
    expect([...changedShare(last, turned)]).toEqual([0, 0, 0]);
  });

  test('cannot be told of texts that differ', () => {
    const other: TextRoutes = { ...last, ids: last.ids.map((id) => id + 1) };
    expect(() => saturation(earlier, other)).toThrow('same tokens');
    expect(() => changedShare(earlier, other)).toThrow('same tokens');
  });
});
