// What a step trains on, as a pure function of (seed, step): nothing to save in a checkpoint, nothing that depends on what was asked before.
import type { DataConfig } from '../config/dataConfig';
import { err, ok, type Result } from '../core/result';
import type { Corpus } from './corpus';
import { createPackedStream, type PackedStream } from './packedStream';
import { selectedDocuments, streamOf, type StreamName } from './selection';

export interface Batch {
  /** Token ids [B, T + 1]: inputs are the first T of a row, targets the last T. */
  readonly ids: Int32Array;
  /** Passes over the selected text when this batch is done, fractional: tokens served / `epochTokens`. */
  readonly epoch: number;
}

export interface Batches {
  readonly batchSize: number;
  readonly sequenceLength: number;
  /** Training tokens in the selected text: one pass over all of it. */
  readonly epochTokens: number;
  /** The same for each stream; 0 where the configuration draws nothing from it. At a share of ½ the smaller one is passed more often. */
  readonly streamTokens: Readonly<Record<StreamName, number>>;
  /** Batch of the step after `step` finished steps. */
  batch(step: number): Batch;
  /** Passes over each stream after `steps` finished steps, fractional. */
  streamEpochs(steps: number): Readonly<Record<StreamName, number>>;
}

export interface BatchShape {
  readonly seed: number;
  readonly batchSize: number; // B
  readonly sequenceLength: number; // T
}

export interface NoText {
  readonly code: 'no-text';
  /** The stream that has no training documents. */
  readonly detail: StreamName;
}

/**
 * Batches of the selected training documents. Each stream is packed text, an end token after each document, cut into windows of T + 1
 * tokens T apart that are served in shuffled order, pass after pass. Of the endless row of sequences, sequence j is Chinese iff
 * ⌊(j + 1)·share⌋ > ⌊j·share⌋: among the first n exactly ⌊n·share⌋ are.
 */
export function createBatches(corpus: Corpus, config: DataConfig, shape: BatchShape): Result<Batches, NoText> {
  const { seed, batchSize, sequenceLength } = shape;
  const share = config.chineseShare;
  const documents = selectedDocuments(corpus, config, 0);
  const stream = (name: StreamName, lane: 0 | 1) =>
    createPackedStream(
      corpus,
      documents.filter((document) => streamOf(corpus, config, document) === name),
      { seed, sequenceLength },
      lane,
    );
  const chinese = stream('chinese', 0);
  const other = stream('other', 1);
  if (share > 0 && chinese.epochTokens === 0) return err({ code: 'no-text', detail: 'chinese' });
  if (share < 1 && other.epochTokens === 0) return err({ code: 'no-text', detail: 'other' });
  const chineseAmong = (sequences: number) => Math.floor(sequences * share);
  const epochTokens = chinese.epochTokens + other.epochTokens;
  const passes = (windows: number, stream: PackedStream) => (stream.passWindows === 0 ? 0 : windows / stream.passWindows);

  return ok({
    batchSize,
    sequenceLength,
    epochTokens,
    streamTokens: { chinese: chinese.epochTokens, other: other.epochTokens },
    batch(step) {
      const width = sequenceLength + 1;
      const ids = new Int32Array(batchSize * width);
      for (let row = 0; row < batchSize; row++) {
        const sequence = step * batchSize + row;
        const before = chineseAmong(sequence);
        const isChinese = chineseAmong(sequence + 1) > before;
        const window = isChinese ? before : sequence - before;
        (isChinese ? chinese : other).read(window, ids, row * width);
      }
      return { ids, epoch: ((step + 1) * batchSize * sequenceLength) / epochTokens };
    },
    streamEpochs(steps) {
      const sequences = steps * batchSize;
      const drawn = chineseAmong(sequences);
      return { chinese: passes(drawn, chinese), other: passes(sequences - drawn, other) };
    },
  });
}
