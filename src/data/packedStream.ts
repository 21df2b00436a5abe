// Documents in an endless order, shuffled anew for each pass, end to end: any stretch of it can be read without reading what comes before.
import { rngFor } from '../core/rng';
import type { Corpus } from './corpus';

export interface PackedStream {
  /** Tokens of one pass, end tokens included. */
  readonly epochTokens: number;
  /** Copies tokens [from, from + length) of the endless stream to `target` at `at`. */
  read(from: number, length: number, target: Int32Array, at: number): void;
}

interface Layout {
  readonly epoch: number;
  readonly order: Int32Array;
  /** Where document order[i] begins in the pass, [n + 1]. */
  readonly offsets: Float64Array;
}

/** Layouts kept: a batch may reach over the end of a pass. */
const KEPT_LAYOUTS = 2;

/** A stream of `documents`; pass e is ordered by the 'data' stream of chance at step 2e + `lane`, so two lanes never share an order. */
export function createPackedStream(corpus: Corpus, documents: readonly number[], seed: number, lane: 0 | 1): PackedStream {
  const lengthOf = (document: number) => corpus.starts[document + 1]! - corpus.starts[document]!;
  const epochTokens = documents.reduce((total, document) => total + lengthOf(document), 0);
  let layouts: Layout[] = [];

  function layoutOf(epoch: number): Layout {
    const known = layouts.find((layout) => layout.epoch === epoch);
    if (known) return known;
    const rng = rngFor(seed, 'data', 2 * epoch + lane);
    const order = Int32Array.from(documents);
    for (let i = order.length - 1; i > 0; i--) {
      const j = rng.below(i + 1);
      const moved = order[i]!;
      order[i] = order[j]!;
      order[j] = moved;
    }
    const offsets = new Float64Array(order.length + 1);
    order.forEach((document, i) => (offsets[i + 1] = offsets[i]! + lengthOf(document)));
    const layout = { epoch, order, offsets };
    layouts = [layout, ...layouts].slice(0, KEPT_LAYOUTS);
    return layout;
  }

  return {
    epochTokens,
    read(from, length, target, at) {
      let position = from;
      const end = from + length;
      while (position < end) {
        const epoch = Math.floor(position / epochTokens);
        const { order, offsets } = layoutOf(epoch);
        const within = position - epoch * epochTokens;
        const index = lastAtMost(offsets, within);
        const begin = corpus.starts[order[index]!]! + within - offsets[index]!;
        const count = Math.min(offsets[index + 1]! - within, end - position);
        for (let i = 0; i < count; i++) target[at + (position - from) + i] = corpus.tokens[begin + i]!;
        position += count;
      }
    },
  };
}

/** Index of the last entry ≤ value in an ascending list whose first entry is ≤ value and whose last is above it. */
function lastAtMost(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! <= value) low = middle;
    else high = middle;
  }
  return low;
}
