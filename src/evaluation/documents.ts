// Held-out text as batches whose tokens know their documents.
import type { TextBatch } from '../inference/sharedPrefix';
import { shifted } from '../training/loss';

/** Sequences of one set, [count, T + 1] ids, windows T apart. */
export interface TextSet {
  readonly ids: Int32Array;
  readonly sequences: number;
}

export interface DocumentText {
  readonly batches: readonly DocumentBatch[];
  /** Predicted tokens of each document. */
  readonly tokens: readonly number[]; // [D]
}

export interface DocumentBatch extends TextBatch {
  /** Document of each target, [B·T]. */
  readonly documents: Int32Array;
}

/** @param length T @param sequencesAtOnce sequences of a batch at most @param endOfDocument id after which another document begins */
export function documentText(
  sets: readonly TextSet[],
  length: number,
  sequencesAtOnce: number,
  endOfDocument: number,
): DocumentText {
  const batches: DocumentBatch[] = [];
  const tokens: number[] = [];
  for (const { ids, sequences } of sets) {
    let isNew = true;
    for (let start = 0; start < sequences; start += sequencesAtOnce) {
      const count = Math.min(sequencesAtOnce, sequences - start);
      const { inputs, targets } = shifted(ids.subarray(start * (length + 1), (start + count) * (length + 1)), count, length);
      const documents = targets.map((id) => {
        if (isNew) tokens.push(0);
        isNew = id === endOfDocument;
        tokens[tokens.length - 1]!++;
        return tokens.length - 1;
      });
      batches.push({ inputs, targets, sequences: count, length, documents });
    }
  }
  return { batches, tokens };
}

/** Adds to `sums` [D] what each target of a batch says. */
export function addByDocument(sums: Float64Array, { documents }: DocumentBatch, valueOf: (token: number) => number): void {
  for (let n = 0; n < documents.length; n++) sums[documents[n]!]! += valueOf(n);
}
