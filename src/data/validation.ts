// The text a model is judged by: fixed windows of held-out documents, a set for each domain and language.
import type { DataConfig } from '../config/dataConfig';
import { rngFor } from '../core/rng';
import { charactersStarting } from './bpe/utf8';
import type { Corpus, Language } from './corpus';
import { selectedDocuments, type StreamName } from './selection';
import type { Tokenizer } from './tokenizer';

export interface ValidationSet {
  readonly domain: string;
  readonly language: Language;
  /** Token ids [n, T + 1], windows T apart: each token is predicted once. */
  readonly ids: Int32Array;
  readonly sequences: number; // n
  /** Predicted tokens, n·T. */
  readonly tokens: number;
  /** UTF-8 bytes of the predicted tokens; an end token has none. bits per byte = nats · tokens / (bytes · ln 2). */
  readonly bytes: number;
  /** Characters (code points) that begin in the predicted tokens: for bits per character. */
  readonly characters: number;
  /** Share of this domain and language in what training draws; every domain has held-out text, so they sum to 1. Weighs loads into those of the training mixture. */
  readonly mixtureShare: number;
}

export interface ValidationShape {
  readonly sequenceLength: number; // T
  /** Predicted tokens in a set at most; a set has at least one window. */
  readonly maxTokensPerDomain: number;
  /** Orders the held-out documents. Runs that are to be compared use one seed. */
  readonly seed: number;
  readonly tokenizer: Pick<Tokenizer, 'vocabSize' | 'bytes'>;
}

/**
 * Validation sets of the selected text, in the order its domains and languages first appear in the corpus. A set whose documents are
 * shorter than one window repeats them to fill it.
 */
export function validationSets(corpus: Corpus, config: DataConfig, shape: ValidationShape): ValidationSet[] {
  const { sequenceLength, maxTokensPerDomain, seed, tokenizer } = shape;
  const groups = new Map<string, { domain: string; language: Language; documents: number[] }>();
  for (const document of selectedDocuments(corpus, config, 1)) {
    const { domain, language } = corpus.info.sources[corpus.sourceOf[document]!]!;
    const group = groups.get(`${domain} ${language}`) ?? { domain, language, documents: [] };
    groups.set(`${domain} ${language}`, group);
    group.documents.push(document);
  }
  const bytesOf = Uint16Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.bytes(id).length);
  const charactersOf = Uint16Array.from({ length: tokenizer.vocabSize }, (_, id) => charactersStarting(tokenizer.bytes(id)));

  const shareOf = mixtureShares(corpus, config);

  return [...groups].map(([key, { domain, language, documents }]) => {
    const text = joined(corpus, shuffled(documents, seed));
    const sequences = Math.max(
      1,
      Math.min(Math.floor((text.length - 1) / sequenceLength), Math.floor(maxTokensPerDomain / sequenceLength)),
    );
    const width = sequenceLength + 1;
    const ids = new Int32Array(sequences * width);
    let bytes = 0;
    let characters = 0;
    for (let sequence = 0; sequence < sequences; sequence++) {
      for (let t = 0; t < width; t++) {
        const id = text[(sequence * sequenceLength + t) % text.length]!;
        ids[sequence * width + t] = id;
        if (t === 0) continue;
        bytes += bytesOf[id]!;
        characters += charactersOf[id]!;
      }
    }
    return {
      domain,
      language,
      ids,
      sequences,
      tokens: sequences * sequenceLength,
      bytes,
      characters,
      mixtureShare: shareOf(key),
    };
  });
}

/** By 'domain language': its share of the training tokens of its stream, times the stream's share. */
function mixtureShares(corpus: Corpus, config: DataConfig): (key: string) => number {
  const tokens = new Map<string, number>();
  const streams: Record<StreamName, number> = { chinese: 0, other: 0 };
  const streamOfKey = new Map<string, StreamName>();
  for (const document of selectedDocuments(corpus, config, 0)) {
    const { domain, language } = corpus.info.sources[corpus.sourceOf[document]!]!;
    const key = `${domain} ${language}`;
    const stream = language === 'zh' ? 'chinese' : 'other';
    const count = corpus.starts[document + 1]! - corpus.starts[document]!;
    tokens.set(key, (tokens.get(key) ?? 0) + count);
    streams[stream] += count;
    streamOfKey.set(key, stream);
  }
  return (key) => {
    const stream = streamOfKey.get(key);
    if (!stream) return 0;
    const streamShare = stream === 'chinese' ? config.chineseShare : 1 - config.chineseShare;
    return (streamShare * tokens.get(key)!) / streams[stream];
  };
}

function shuffled(documents: readonly number[], seed: number): number[] {
  const rng = rngFor(seed, 'validation');
  return documents
    .map((document) => ({ document, rank: rng.uint32() }))
    .sort((a, b) => a.rank - b.rank || a.document - b.document)
    .map(({ document }) => document);
}

function joined(corpus: Corpus, documents: readonly number[]): Uint16Array {
  const text = new Uint16Array(
    documents.reduce((total, document) => total + corpus.starts[document + 1]! - corpus.starts[document]!, 0),
  );
  let at = 0;
  for (const document of documents) {
    const part = corpus.tokens.subarray(corpus.starts[document]!, corpus.starts[document + 1]!);
    text.set(part, at);
    at += part.length;
  }
  return text;
}
