// What a model must beat: the loss of knowing nothing, of knowing how frequent tokens are, of knowing which token follows which.
import type { DataConfig } from '../config/dataConfig';
import { entropy } from '../core/stats';
import type { Corpus, Language } from './corpus';
import { selectedDocuments } from './selection';
import type { ValidationSet } from './validation';

/** Nats per predicted token of the validation sets, all sets together. */
export interface Baselines {
  /** ln V. */
  readonly uniform: number;
  /** Entropy of the validation tokens' own frequencies: no model that ignores the context can do better on this text. */
  readonly unigram: number;
  /** Cross entropy of training frequencies, one added to each count. */
  readonly unigramCross: number;
  /** Cross entropy of an interpolated bigram model of the training text. */
  readonly bigram: number;
}

/** The same on the set of one domain and language; `unigram` is the entropy of that set's own frequencies. */
export interface DomainBaselines extends Omit<Baselines, 'uniform'> {
  readonly domain: string;
  readonly language: Language;
}

/** Every 16th training document is the slice on which the weight is chosen. */
const SLICE = 16;
const STRENGTHS = Array.from({ length: 15 }, (_, power) => 2 ** power);

/** Counts of a text: c(b), c(a, b) as [V, V], and how often each a is followed by anything. */
interface BigramCounts {
  readonly vocabSize: number;
  readonly unigrams: Float64Array;
  readonly pairs: Uint32Array;
  readonly contexts: Float64Array;
  total: number;
}

/**
 * Baselines on the targets of `sets`, from the selected training documents (counted within a document, from its first token to its end
 * token). The bigram model backs off to the smoothed unigrams P₁ with a weight that grows with how often the context was seen:
 * P(b | a) = (c(a, b) + κ·P₁(b)) / (c(a) + κ), interpolation with λ = c(a) / (c(a) + κ). κ is the power of two that predicts a slice of
 * the training text best when the rest is counted (MacKay and Peto 1995 give the model). Takes V² · 4 bytes while it runs.
 */
export function baselines(
  corpus: Corpus,
  config: DataConfig,
  sets: readonly ValidationSet[],
): Baselines & { readonly domains: readonly DomainBaselines[] } {
  const { vocabSize } = corpus.info;
  const training = selectedDocuments(corpus, config, 0);
  const slice = training.filter((_, index) => index % SLICE === 0);
  const counts = emptyCounts(vocabSize);
  training.forEach((document, index) => {
    if (index % SLICE !== 0) countDocument(corpus, document, counts);
  });
  const strength = STRENGTHS.map((candidate) => ({
    candidate,
    loss: slice.reduce((sum, document) => {
      const tokens = corpus.tokens.subarray(corpus.starts[document]!, corpus.starts[document + 1]!);
      return sum + rowLoss(tokens, counts, candidate);
    }, 0),
  })).reduce((best, next) => (next.loss < best.loss ? next : best)).candidate;
  for (const document of slice) countDocument(corpus, document, counts);

  const found = sets.map((set) => tallyOf(set, counts, strength));
  return {
    uniform: Math.log(vocabSize),
    ...lossesOf(found.reduce(joined)),
    domains: sets.map(({ domain, language }, index) => ({ domain, language, ...lossesOf(found[index]!) })),
  };
}

/** What is added up over the targets of a text: how often each is seen [V], and its nats under both models. */
interface Tally {
  readonly seen: Float64Array;
  readonly tokens: number;
  readonly unigramNats: number;
  readonly bigramNats: number;
}

function tallyOf({ ids, sequences }: ValidationSet, counts: BigramCounts, strength: number): Tally {
  const width = ids.length / sequences;
  const seen = new Float64Array(counts.vocabSize);
  let [unigramNats, bigramNats] = [0, 0];
  for (let sequence = 0; sequence < sequences; sequence++) {
    const row = ids.subarray(sequence * width, (sequence + 1) * width);
    bigramNats += rowLoss(row, counts, strength);
    for (const id of row.subarray(1)) {
      seen[id]!++;
      unigramNats -= Math.log(unigram(counts, id));
    }
  }
  return { seen, tokens: sequences * (width - 1), unigramNats, bigramNats };
}

const joined = (one: Tally, other: Tally): Tally => ({
  seen: one.seen.map((count, id) => count + other.seen[id]!),
  tokens: one.tokens + other.tokens,
  unigramNats: one.unigramNats + other.unigramNats,
  bigramNats: one.bigramNats + other.bigramNats,
});

const lossesOf = ({ seen, tokens, unigramNats, bigramNats }: Tally): Omit<Baselines, 'uniform'> => ({
  unigram: entropy(seen),
  unigramCross: unigramNats / tokens,
  bigram: bigramNats / tokens,
});

function emptyCounts(vocabSize: number): BigramCounts {
  return {
    vocabSize,
    unigrams: new Float64Array(vocabSize),
    pairs: new Uint32Array(vocabSize * vocabSize),
    contexts: new Float64Array(vocabSize),
    total: 0,
  };
}

function countDocument(corpus: Corpus, document: number, counts: BigramCounts): void {
  const begin = corpus.starts[document]!;
  const end = corpus.starts[document + 1]!;
  for (let at = begin; at < end; at++) {
    const id = corpus.tokens[at]!;
    counts.unigrams[id]!++;
    if (at === begin) continue;
    const before = corpus.tokens[at - 1]!;
    counts.pairs[before * counts.vocabSize + id]!++;
    counts.contexts[before]!++;
  }
  counts.total += end - begin;
}

/** P₁(b) = (c(b) + 1) / (N + V). */
const unigram = (counts: BigramCounts, id: number) => (counts.unigrams[id]! + 1) / (counts.total + counts.vocabSize);

/** Nats of predicting each token of `row` after the first from the one before it, summed. */
function rowLoss(row: ArrayLike<number>, counts: BigramCounts, strength: number): number {
  let nats = 0;
  for (let t = 1; t < row.length; t++) {
    const before = row[t - 1]!;
    const pair = counts.pairs[before * counts.vocabSize + row[t]!]!;
    nats -= Math.log((pair + strength * unigram(counts, row[t]!)) / (counts.contexts[before]! + strength));
  }
  return nats;
}
