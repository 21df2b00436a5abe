// Text in an endless order: each pass shuffles the documents, lays them end to end, cuts windows and shuffles those too, so that a batch is
// no stretch of one document. Any window can be read without reading what comes before.
import { rngFor, type Rng } from '../core/rng';
import type { Corpus } from './corpus';

export interface PackedStream {
  /** Tokens of one pass, end tokens included. */
  readonly epochTokens: number;
  /** Windows of one pass: each of its tokens is an input at least once, and fewer than T of them twice. */
  readonly passWindows: number;
  /** Copies window `index` of the endless stream, T + 1 tokens, to `target` at `at`. */
  read(index: number, target: Int32Array, at: number): void;
}

interface Layout {
  readonly epoch: number;
  readonly order: Int32Array;
  /** Where document order[i] begins in the pass, [n + 1]. */
  readonly offsets: Float64Array;
  /** Windows in the order they are served; window w begins at token w·T of the pass. */
  readonly windows: Int32Array;
}

/** Layouts kept: a batch may reach over the end of a pass. */
const KEPT_LAYOUTS = 2;

/**
 * A stream of `documents` in windows of T + 1 tokens, T = `sequenceLength`. Pass e is ordered by the 'data' stream of chance at step
 * 2e + `lane`, so two lanes never share an order. A pass's last window takes up its beginning where it would reach over the end.
 */
export function createPackedStream(
  corpus: Corpus,
  documents: readonly number[],
  { seed, sequenceLength }: { readonly seed: number; readonly sequenceLength: number },
  lane: 0 | 1,
): PackedStream {
  const lengthOf = (document: number) => corpus.starts[document + 1]! - corpus.starts[document]!;
  const epochTokens = documents.reduce((total, document) => total + lengthOf(document), 0);
  const passWindows = Math.ceil(epochTokens / sequenceLength);
  let layouts: Layout[] = [];

  function layoutOf(epoch: number): Layout {
    const known = layouts.find((layout) => layout.epoch === epoch);
    if (known) return known;
    const rng = rngFor(seed, 'data', 2 * epoch + lane);
    const order = shuffled(Int32Array.from(documents), rng);
    const offsets = new Float64Array(order.length + 1);
    order.forEach((document, i) => (offsets[i + 1] = offsets[i]! + lengthOf(document)));
    const windows = shuffled(
      Int32Array.from({ length: passWindows }, (_, window) => window),
      rng,
    );
    const layout = { epoch, order, offsets, windows };
    layouts = [layout, ...layouts].slice(0, KEPT_LAYOUTS);
    return layout;
  }

  return {
    epochTokens,
    passWindows,
    read(index, target, at) {
      const epoch = Math.floor(index / passWindows);
      const { order, offsets, windows } = layoutOf(epoch);
      const from = windows[index - epoch * passWindows]! * sequenceLength;
      for (let done = 0; done <= sequenceLength;) {
        const within = (from + done) % epochTokens;
        const document = lastAtMost(offsets, within);
        const begin = corpus.starts[order[document]!]! + within - offsets[document]!;
        const count = Math.min(offsets[document + 1]! - within, sequenceLength + 1 - done);
        for (let i = 0; i < count; i++) target[at + done + i] = corpus.tokens[begin + i]!;
        done += count;
      }
    },
  };
}

/** Fisher–Yates, in place. */
function shuffled(values: Int32Array, rng: Rng): Int32Array {
  for (let i = values.length - 1; i > 0; i--) {
    const j = rng.below(i + 1);
    const moved = values[i]!;
    values[i] = values[j]!;
    values[j] = moved;
  }
  return values;
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
