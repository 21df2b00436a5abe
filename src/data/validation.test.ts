import { describe, expect, test } from 'vitest';
import { baselines } from './ngrams';
import { tinyCorpus, type TinyDocument } from './tinyCorpus';
import { validationSets } from './validation';

// Ids 0–6, end token 7; held-out text ids lie at 4–6. Id 3 is a 3-byte character, id 4 the second half of one.
const VOCAB = 8;
const END = 7;
const pieces = [[97], [98], [99], [0xe8, 0xbd, 0xa6], [0xbd, 0xa6], [100, 101], [0xe8], []];
const tokenizer = { vocabSize: VOCAB, bytes: (id: number) => Uint8Array.from(pieces[id]!) };
const cycle = (length: number, ids: readonly number[]) => Array.from({ length }, (_, t) => ids[(t * t + t) % ids.length]!);
const documents: TinyDocument[] = [
  ...Array.from({ length: 40 }, (_, d): TinyDocument => ({ domain: 'tale', language: 'en', ids: cycle(5 + d, [0, 1, 2, 5, 1]) })),
  ...Array.from({ length: 40 }, (_, d): TinyDocument => ({ domain: 'poem', language: 'zh', ids: cycle(4 + d, [3, 3, 4, 6]) })),
  { domain: 'tale', language: 'en', heldOut: true, ids: [0, 1, 2, 5, 0, 1, 2, 5, 6, 1] },
  { domain: 'tale', language: 'en', heldOut: true, ids: [2, 2, 2] },
  { domain: 'poem', language: 'zh', heldOut: true, ids: [3, 6, 4] },
];
const corpus = tinyCorpus(documents, VOCAB);
const everything = { domains: [], chineseShare: 0.5 };
const shape = { sequenceLength: 4, maxTokensPerDomain: 1000, seed: 0, tokenizer };

describe('validation sets', () => {
  test('hold held-out text only, a set for each domain and language', () => {
    const sets = validationSets(corpus, everything, shape);
    expect(sets.map(({ domain, language }) => `${domain} ${language}`)).toEqual(['tale en', 'poem zh']);
    expect(sets.map(({ sequences, tokens }) => [sequences, tokens])).toEqual([
      [3, 12],
      [1, 4],
    ]);
    for (const [set, allowed] of [
      [sets[0]!, [0, 1, 2, 5, 6, END]],
      [sets[1]!, [3, 4, 6, END]],
    ] as const)
      for (const id of set.ids) expect(allowed).toContain(id);
  });

  test('count the bytes and characters of what is predicted', () => {
    for (const { ids, bytes, characters, sequences } of validationSets(corpus, everything, shape)) {
      const targets = Array.from({ length: sequences }, (_, s) => [...ids.subarray(s * 5 + 1, s * 5 + 5)]).flat();
      expect(bytes).toBe(targets.reduce((sum, id) => sum + pieces[id]!.length, 0));
      // Id 4 begins no character; id 5 is two.
      expect(characters).toBe(targets.reduce((sum, id) => sum + [1, 1, 1, 1, 0, 2, 1, 0][id]!, 0));
    }
  });

  test('share in the mixture as training draws: by stream, within it by tokens', () => {
    const sets = validationSets(corpus, { domains: [], chineseShare: 0.3 }, shape);
    expect(sets.map(({ mixtureShare }) => mixtureShare)).toEqual([0.7, 0.3]);
  });

  test('are the same each time, and no larger than asked', () => {
    expect(validationSets(corpus, everything, shape)).toEqual(validationSets(corpus, everything, shape));
    expect(validationSets(corpus, everything, { ...shape, maxTokensPerDomain: 8 })[0]!.tokens).toBe(8);
  });

  test('leave out what the configuration leaves out', () => {
    expect(validationSets(corpus, { domains: ['poem'], chineseShare: 0.5 }, shape).map(({ domain }) => domain)).toEqual(['poem']);
    expect(validationSets(corpus, { domains: [], chineseShare: 0 }, shape).map(({ domain }) => domain)).toEqual(['tale']);
  });
});

describe('baselines', () => {
  const sets = validationSets(corpus, everything, shape);
  const found = baselines(corpus, everything, sets);
  const training = documents.filter(({ heldOut }) => !heldOut).map(({ ids }) => [...ids, END]);
  const predicted = sets.flatMap(({ ids, sequences }) =>
    Array.from({ length: sequences }, (_, s) => [1, 2, 3, 4].map((t) => [ids[s * 5 + t - 1]!, ids[s * 5 + t]!] as const)).flat(),
  );
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const unigramOf = (texts: number[][]) => (id: number) =>
    (texts.flat().filter((other) => other === id).length + 1) / (texts.flat().length + VOCAB);
  const bigramLoss = (texts: number[][], strength: number, pairs: readonly (readonly [number, number])[]) => {
    const unigram = unigramOf(texts);
    const seen = texts.flatMap((ids) => ids.slice(1).map((id, t) => [ids[t]!, id] as const));
    return mean(
      pairs.map(([a, b]) => {
        const context = seen.filter(([before]) => before === a);
        const weight = context.length / (context.length + strength);
        const maximumLikelihood = context.length === 0 ? 0 : context.filter(([, after]) => after === b).length / context.length;
        return -Math.log(weight * maximumLikelihood + (1 - weight) * unigram(b));
      }),
    );
  };

  test('uniform is ln V, unigram the entropy of the predicted tokens', () => {
    expect(found.uniform).toBeCloseTo(Math.log(VOCAB), 12);
    const shares = Array.from(
      { length: VOCAB },
      (_, id) => predicted.filter(([, target]) => target === id).length / predicted.length,
    );
    expect(found.unigram).toBeCloseTo(-shares.filter((p) => p > 0).reduce((sum, p) => sum + p * Math.log(p), 0), 12);
  });

  test('unigramCross is the cross entropy of add-one training frequencies, never below the entropy', () => {
    const unigram = unigramOf(training);
    expect(found.unigramCross).toBeCloseTo(mean(predicted.map(([, target]) => -Math.log(unigram(target)))), 12);
    expect(found.unigramCross).toBeGreaterThanOrEqual(found.unigram);
  });

  test('bigram is the interpolated model of the definition, its strength chosen on training text', () => {
    const slice = training.filter((_, index) => index % 16 === 0);
    const rest = training.filter((_, index) => index % 16 !== 0);
    const slicePairs = slice.flatMap((ids) => ids.slice(1).map((id, t) => [ids[t]!, id] as const));
    const strengths = Array.from({ length: 15 }, (_, power) => 2 ** power);
    const losses = strengths.map((strength) => bigramLoss(rest, strength, slicePairs));
    const best = strengths[losses.indexOf(Math.min(...losses))]!;
    expect(found.bigram).toBeCloseTo(bigramLoss(training, best, predicted), 10);
  });

  test('each domain has its own, which the whole is made of', () => {
    expect(found.domains.map(({ domain, language }) => [domain, language])).toEqual(
      sets.map(({ domain, language }) => [domain, language]),
    );
    for (const [index, set] of sets.entries())
      expect(baselines(corpus, everything, [set])).toMatchObject({
        bigram: found.domains[index]!.bigram,
        unigram: found.domains[index]!.unigram,
      });
    const weighed = mean(sets.flatMap(({ tokens }, index) => Array<number>(tokens).fill(found.domains[index]!.bigram)));
    expect(weighed).toBeCloseTo(found.bigram, 12);
  });

  test('more held-out text cannot change what was counted', () => {
    const more = tinyCorpus(
      [...documents, { domain: 'tale', language: 'en', heldOut: true, ids: Array<number>(500).fill(6) }],
      VOCAB,
    );
    expect(baselines(more, everything, sets)).toEqual(found);
  });
});
