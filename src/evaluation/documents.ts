// Text as batches whose tokens know their documents.
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
  const tokens: number[] = [];
  const sequences: Sequence[] = [];
  for (const { ids, sequences: count } of sets) {
    let isNew = true;
    for (let b = 0; b < count; b++) {
      const { inputs, targets } = shifted(ids.subarray(b * (length + 1), (b + 1) * (length + 1)), 1, length);
      const documents = targets.map((id) => {
        if (isNew) tokens.push(0);
        isNew = id === endOfDocument;
        tokens[tokens.length - 1]!++;
        return tokens.length - 1;
      });
      sequences.push({ inputs, targets, documents });
    }
  }
  // Sets are often small: a batch takes what it finds, whatever set it is of.
  return { batches: batchesOf(sequences, length, sequencesAtOnce), tokens };
}

function batchesOf(sequences: readonly Sequence[], length: number, sequencesAtOnce: number): DocumentBatch[] {
  return Array.from({ length: Math.ceil(sequences.length / sequencesAtOnce) }, (_, batch): DocumentBatch => {
    const some = sequences.slice(batch * sequencesAtOnce, (batch + 1) * sequencesAtOnce);
    const joined = (key: keyof Sequence) => Int32Array.from(some.flatMap((sequence) => [...sequence[key]]));
    return {
      inputs: joined('inputs'),
      targets: joined('targets'),
      documents: joined('documents'),
      sequences: some.length,
      length,
    };
  });
}

/**
 * Texts that stand alone, as the lab reads a prompt: each is a document, and no token sees another text. Those of one length share a batch.
 * @param texts token ids, an end token before each; one without any token after it has nothing to predict and is left out
 */
export function textsAlone(texts: readonly Int32Array[], sequencesAtOnce: number): DocumentText {
  const tokens: number[] = [];
  const byLength = new Map<number, Sequence[]>();
  for (const ids of texts) {
    const length = ids.length - 1;
    if (length < 1) continue;
    const documents = new Int32Array(length).fill(tokens.length);
    tokens.push(length);
    const alike = byLength.get(length);
    const sequence = { ...shifted(ids, 1, length), documents };
    if (alike) alike.push(sequence);
    else byLength.set(length, [sequence]);
  }
  return { batches: [...byLength].flatMap(([length, alike]) => batchesOf(alike, length, sequencesAtOnce)), tokens };
}

type Sequence = Pick<DocumentBatch, 'inputs' | 'targets' | 'documents'>;

/** Adds to `sums` [D] what each target of a batch says. */
export function addByDocument(sums: Float64Array, { documents }: DocumentBatch, valueOf: (token: number) => number): void {
  for (let n = 0; n < documents.length; n++) sums[documents[n]!]! += valueOf(n);
}
