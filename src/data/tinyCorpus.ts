// A corpus small enough to check by hand, for tests: no text behind it, only token ids that say where they come from.
import type { Corpus, Language, Source } from './corpus';

export interface TinyDocument {
  readonly domain: string;
  readonly language: Language;
  readonly heldOut?: boolean;
  /** Ids of its text; the end token (the last id) is added. */
  readonly ids: readonly number[];
}

/** A corpus of `documents` over `vocabSize` tokens. */
export function tinyCorpus(documents: readonly TinyDocument[], vocabSize: number): Corpus {
  const keys = [...new Set(documents.map(({ domain, language }) => `${domain} ${language}`))];
  const sources = keys.map((key): Source => {
    const [domain, language] = key.split(' ') as [string, Language];
    return {
      id: key,
      title: key,
      origin: 'test',
      licence: 'MIT',
      domain,
      language,
      documents: 0,
      bytes: 0,
      tokens: 0,
      parallel: null,
    };
  });
  const tokens = documents.flatMap(({ ids }) => [...ids, vocabSize - 1]);
  const starts = new Int32Array(documents.length + 1);
  documents.forEach(({ ids }, d) => (starts[d + 1] = starts[d]! + ids.length + 1));
  const none = { zh: 0, en: 0, none: 0 };
  return {
    info: {
      variant: 'small',
      sha256: '',
      tokenizerSha256: '',
      vocabSize,
      sources,
      bytes: none,
      tokens: none,
      domains: [...new Set(documents.map(({ domain }) => domain))],
      validationDocuments: documents.filter(({ heldOut }) => heldOut).length,
      trainingDocuments: documents.filter(({ heldOut }) => !heldOut).length,
    },
    tokens: Uint16Array.from(tokens),
    starts,
    sourceOf: Uint16Array.from(documents, ({ domain, language }) => keys.indexOf(`${domain} ${language}`)),
    heldOut: Uint8Array.from(documents, ({ heldOut }) => (heldOut ? 1 : 0)),
    bytes: Int32Array.from(documents, ({ ids }) => ids.length),
    characters: Int32Array.from(documents, ({ ids }) => ids.length),
  };
}
