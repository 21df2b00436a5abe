// The tokenizer itself: chunks, then bytes, then merges in the order they were learned.
import type { Tokenizer } from '../tokenizer';
import { END_OF_DOCUMENT } from '../tokenizer';
import { PairTable } from './pairTable';
import { preTokenize } from './preTokenize';
import { utf8Runs } from './utf8';
import { joinBytes, type BpeVocabulary } from './vocabulary';

/** Chunks remembered with their ids. Text repeats its words, so most chunks are looked up, not merged. */
const CACHED_CHUNKS = 1 << 16;
/** Bytes of one piece of invalid UTF-8: merging costs the square of it. */
const LONGEST_INVALID_RUN = 64;

export function createBpeTokenizer(vocabulary: BpeVocabulary): Tokenizer {
  const { tokens, merges, endOfDocument } = vocabulary;
  const ranks = new PairTable(merges.length);
  merges.forEach(([left, right], rank) => ranks.set(left, right, rank));
  const idOfByte = new Int32Array(256);
  tokens.forEach((bytes, id) => {
    if (bytes.length === 1) idOfByte[bytes[0]!] = id;
  });
  const utf8 = new TextEncoder();
  // ignoreBOM keeps a U+FEFF at the start: dropping it would lose a character.
  const text = new TextDecoder('utf-8', { ignoreBOM: true });
  const cache = new Map<string, Int32Array>();

  /** Merges the earliest learned pair first, everywhere it occurs, until no pair is known. */
  function mergeBytes(bytes: Uint8Array): Int32Array {
    const ids = Int32Array.from(bytes, (byte) => idOfByte[byte]!);
    let length = ids.length;
    for (;;) {
      let best = -1;
      for (let i = 0; i + 1 < length; i++) {
        const rank = ranks.get(ids[i]!, ids[i + 1]!);
        if (rank >= 0 && (best < 0 || rank < best)) best = rank;
      }
      if (best < 0) return ids.slice(0, length);
      const [left, right, merged] = merges[best]!;
      let to = 0;
      for (let from = 0; from < length; from++, to++) {
        if (ids[from] === left && from + 1 < length && ids[from + 1] === right) {
          ids[to] = merged;
          from++;
        } else ids[to] = ids[from]!;
      }
      length = to;
    }
  }

  function encodeChunk(chunk: string): Int32Array {
    const known = cache.get(chunk);
    if (known) return known;
    const ids = mergeBytes(utf8.encode(chunk));
    if (cache.size >= CACHED_CHUNKS) cache.clear();
    cache.set(chunk, ids);
    return ids;
  }

  const encode = (source: string) => joinIds(preTokenize(source).map(encodeChunk));
  const decodeBytes = (ids: ArrayLike<number>) => joinBytes(Array.from(ids, (id) => bytesOf(id)));
  const bytesOf = (id: number): Uint8Array => {
    const bytes = tokens[id];
    if (!bytes) throw new RangeError(`token ${id} is outside the vocabulary of ${tokens.length}`);
    return bytes;
  };

  return {
    vocabSize: tokens.length,
    endOfDocument,
    encode,
    encodeBytes: (bytes) =>
      joinIds(
        utf8Runs(bytes).map((run) =>
          run.valid ? encode(text.decode(run.bytes)) : joinIds(slices(run.bytes, LONGEST_INVALID_RUN).map(mergeBytes)),
        ),
      ),
    decode: (ids) => text.decode(decodeBytes(ids)),
    decodeBytes,
    bytes: bytesOf,
    piece: (id) => (id === endOfDocument ? END_OF_DOCUMENT : legible(bytesOf(id), text)),
  };
}

function legible(bytes: Uint8Array, decoder: TextDecoder): string {
  return utf8Runs(bytes)
    .map((run) =>
      run.valid
        ? decoder.decode(run.bytes)
        : Array.from(run.bytes, (byte) => `⟨${byte.toString(16).toUpperCase().padStart(2, '0')}⟩`).join(''),
    )
    .join('');
}

function slices(bytes: Uint8Array, length: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / length) }, (_, i) => bytes.subarray(i * length, (i + 1) * length));
}

function joinIds(parts: readonly Int32Array[]): Int32Array {
  const joined = new Int32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
