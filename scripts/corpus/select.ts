// Which documents stay and which of them are held out. Chance comes from each text's own hash, so nothing depends on order or clock.
import { createHash } from 'node:crypto';
import type { RawDocument, SourceDocuments, SourceSpec } from './types';

/** Text of a language in the corpus at most, in bytes; with 2,048 tokens this gives some 5 million tokens in all. */
const MOST_BYTES = 6_200_000;
/** Code has no language and rides with the English half: never more than half as large as it. */
const MOST_CODE_BYTES = 900_000;
/** Held out of each domain and language, as a share of its bytes. */
const HELD_OUT = 0.04;
/** So small a domain holds out this many bytes, but never more than a quarter. */
const LEAST_HELD_OUT_BYTES = 2000;

export interface SelectedDocument {
  readonly text: string;
  readonly bytes: number;
  readonly heldOut: boolean;
}

export interface SelectedSource {
  readonly spec: SourceSpec;
  readonly documents: readonly SelectedDocument[];
}

interface Candidate {
  readonly document: RawDocument;
  readonly bytes: number;
  readonly keepRank: string;
  readonly splitKey: string;
  readonly order: number;
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex');

/** Exact duplicates go (spaces and punctuation apart); then each language is cut to the same bytes; then some is held out. */
export function selectDocuments(sources: readonly SourceDocuments[]): SelectedSource[] {
  const seen = new Set<string>();
  const candidates = sources.map(({ spec, documents }) => ({
    spec,
    documents: documents.flatMap((document, order): Candidate[] => {
      const fingerprint = digest(document.text.toLowerCase().replace(/[\s\p{P}]+/gu, ''));
      if (document.text === '' || seen.has(fingerprint)) return [];
      seen.add(fingerprint);
      const key = document.parallelKey ?? document.text;
      return [
        {
          document,
          bytes: Buffer.byteLength(document.text),
          keepRank: digest(`keep ${key}`),
          splitKey: digest(`split ${key}`),
          order,
        },
      ];
    }),
  }));
  const available = (language: string) =>
    bytesOf(candidates.filter(({ spec }) => spec.language === language).flatMap(({ documents }) => documents));
  const budget = Math.min(MOST_BYTES, available('zh'), available('en'));
  const kept = (['zh', 'en', 'none'] as const).flatMap((language) =>
    trim(
      candidates.filter(({ spec }) => spec.language === language),
      language === 'none' ? Math.min(MOST_CODE_BYTES, budget / 2) : budget,
    ),
  );
  const heldOut = holdOut(kept);
  return kept.map(({ spec, documents }) => ({
    spec,
    documents: documents.map(({ document, bytes, splitKey }) => ({ text: document.text, bytes, heldOut: heldOut.has(splitKey) })),
  }));
}

interface Source {
  readonly spec: SourceSpec;
  readonly documents: readonly Candidate[];
}

const bytesOf = (documents: readonly Candidate[]) => documents.reduce((bytes, document) => bytes + document.bytes, 0);

/** Cuts the largest sources to one common size, the level at which all of them together fill the budget: variety stays. */
function trim(sources: readonly Source[], budget: number): Source[] {
  let level = Infinity;
  let left = budget;
  const ascending = sources.map(({ documents }) => bytesOf(documents)).sort((a, b) => a - b);
  for (const [index, size] of ascending.entries()) {
    level = left / (ascending.length - index);
    if (size > level) break;
    left -= size;
    level = Infinity;
  }
  return sources.map(({ spec, documents }) => {
    if (bytesOf(documents) <= level) return { spec, documents };
    let total = 0;
    const chosen = [...documents]
      .sort((a, b) => (a.keepRank < b.keepRank ? -1 : 1))
      .filter((document) => {
        if (total + document.bytes > level) return false;
        total += document.bytes;
        return true;
      });
    return { spec, documents: chosen.sort((a, b) => a.order - b.order) };
  });
}

/** Split keys held out: in each domain, in the order of their hashes, until every language of the domain has its share. */
function holdOut(sources: readonly Source[]): ReadonlySet<string> {
  const held = new Set<string>();
  for (const domain of new Set(sources.map(({ spec }) => spec.domain))) {
    const groups = new Map<string, Map<string, number>>();
    const missing = new Map<string, number>();
    for (const { spec, documents } of sources) {
      if (spec.domain !== domain) continue;
      missing.set(spec.language, (missing.get(spec.language) ?? 0) + bytesOf(documents));
      for (const { splitKey, bytes } of documents) {
        const group = groups.get(splitKey) ?? new Map<string, number>();
        group.set(spec.language, (group.get(spec.language) ?? 0) + bytes);
        groups.set(splitKey, group);
      }
    }
    for (const [language, bytes] of missing)
      missing.set(language, Math.min(bytes / 4, Math.max(HELD_OUT * bytes, LEAST_HELD_OUT_BYTES)));
    for (const [splitKey, languages] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (![...languages.keys()].some((language) => missing.get(language)! > 0)) continue;
      held.add(splitKey);
      for (const [language, bytes] of languages) missing.set(language, missing.get(language)! - bytes);
    }
  }
  return held;
}
