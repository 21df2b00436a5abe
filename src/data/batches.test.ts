import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBatches, type Batches } from './batches';
import { tinyCorpus, type TinyDocument } from './tinyCorpus';

const VOCAB = 1000;
const END = VOCAB - 1;
// Ids tell where a token is from: Chinese 0–299, English 300–599, code 600–699, held out 700–.
const documents: TinyDocument[] = [
  ...Array.from({ length: 12 }, (_, d) => ({
    domain: 'poetry',
    language: 'zh' as const,
    ids: Array.from({ length: 3 + d }, (_, t) => 20 * d + t),
  })),
  ...Array.from({ length: 9 }, (_, d) => ({
    domain: 'speech',
    language: 'en' as const,
    ids: Array.from({ length: 17 }, (_, t) => 300 + 20 * d + t),
  })),
  { domain: 'code', language: 'none', ids: Array.from({ length: 40 }, (_, t) => 600 + t) },
  { domain: 'poetry', language: 'zh', heldOut: true, ids: [700, 701, 702] },
  { domain: 'speech', language: 'en', heldOut: true, ids: [703, 704] },
];
const corpus = tinyCorpus(documents, VOCAB);
const isChinese = (id: number) => id < 300;

function make(chineseShare = 0.5, seed = 1, batchSize = 4, sequenceLength = 8, domains: string[] = []): Batches {
  const batches = createBatches(corpus, { domains, chineseShare }, { seed, batchSize, sequenceLength });
  if (!batches.ok) throw new Error(batches.error.code);
  return batches.value;
}
const rows = (batches: Batches, steps: number) =>
  Array.from({ length: steps }, (_, step) => batches.batch(step).ids).flatMap((ids) =>
    Array.from({ length: batches.batchSize }, (_, row) =>
      Array.from(ids.subarray(row * (batches.sequenceLength + 1), (row + 1) * (batches.sequenceLength + 1))),
    ),
  );

describe('a batch is a pure function of seed and step', () => {
  test('whatever was asked for before', () => {
    const inOrder = make();
    const expected = Array.from({ length: 60 }, (_, step) => inOrder.batch(step).ids);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 59 }), { maxLength: 30 }), (steps) => {
        const batches = make();
        for (const step of steps) expect(batches.batch(step).ids).toEqual(expected[step]);
      }),
    );
  });

  test('another seed gives another order', () => {
    expect(make(0.5, 1).batch(0).ids).not.toEqual(make(0.5, 2).batch(0).ids);
  });
});

describe('what is served', () => {
  test('no held-out token, ever', () => {
    for (const row of rows(make(), 100)) for (const id of row) expect(id < 700 || id === END).toBe(true);
  });

  test('among the first n sequences exactly ⌊n·share⌋ are Chinese', () => {
    for (const share of [0, 0.25, 0.3, 0.5, 0.9, 1]) {
      let chinese = 0;
      rows(make(share), 100).forEach((row, index) => {
        if (row.some(isChinese)) chinese++;
        expect(row.some(isChinese) && row.some((id) => id >= 300 && id !== END)).toBe(false);
        expect(chinese).toBe(Math.floor((index + 1) * share));
      });
    }
  });

  test('the rows of a batch come from all over the text', () => {
    const batches = make(1, 1, 8, 6);
    const ids = rows(batches, 1).map((row) => row[0]!);
    const neighbours = rows(batches, 1).filter((row, index, all) => index > 0 && row[0] === all[index - 1]!.at(-1));
    expect(new Set(ids).size).toBeGreaterThan(5);
    expect(neighbours.length).toBeLessThan(3);
  });

  test('one pass has every training token as an input, fewer than T of them twice; the next pass another order', () => {
    const batches = make(1, 1, 1, 6);
    const windows = Math.ceil(batches.epochTokens / 6);
    const passes = [0, 1].map((pass) => rows(batches, 2 * windows).slice(pass * windows, (pass + 1) * windows));
    const all = documents.filter(({ language, heldOut }) => language === 'zh' && !heldOut).flatMap(({ ids }) => [...ids, END]);
    const countOf = (ids: readonly number[]) => {
      const counts = new Map<number, number>();
      for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
      return counts;
    };
    const expected = countOf(all);
    for (const pass of passes) {
      const inputs = pass.flatMap((row) => row.slice(0, 6));
      const served = countOf(inputs);
      for (const [id, count] of expected) expect(served.get(id)).toBeGreaterThanOrEqual(count);
      expect(inputs.length - all.length).toBeLessThan(6);
    }
    expect(passes[0]).not.toEqual(passes[1]);
  });

  test('a domain that is not selected is not drawn from', () => {
    for (const row of rows(make(0, 1, 4, 8, ['code']), 30)) for (const id of row) expect(id >= 600).toBe(true);
  });
});

describe('passes over the text', () => {
  test('are counted in tokens, for all and for each stream', () => {
    const batches = make(0.5, 1, 4, 8);
    const { chinese, other } = batches.streamTokens;
    expect(batches.epochTokens).toBe(chinese + other);
    expect(batches.batch(4).epoch).toBeCloseTo((5 * 32) / batches.epochTokens);
    expect(batches.streamEpochs(5)).toEqual({ chinese: 10 / Math.ceil(chinese / 8), other: 10 / Math.ceil(other / 8) });
  });
});

test('a configuration that selects no text is told which', () => {
  const shape = { seed: 1, batchSize: 2, sequenceLength: 4 };
  expect(createBatches(corpus, { domains: ['speech'], chineseShare: 0.5 }, shape)).toEqual({
    ok: false,
    error: { code: 'no-text', detail: 'chinese' },
  });
  expect(createBatches(corpus, { domains: ['poetry'], chineseShare: 0.5 }, shape)).toEqual({
    ok: false,
    error: { code: 'no-text', detail: 'other' },
  });
  expect(createBatches(corpus, { domains: ['poetry'], chineseShare: 1 }, shape).ok).toBe(true);
});
