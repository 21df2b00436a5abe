// A run so small that thousands of its steps take seconds.
import { PRESETS } from '../config/presets';
import type { RunConfig } from '../config/trainConfig';
import { Trainer } from '../training/trainer';

const { model, train } = PRESETS.default;

const config: RunConfig = {
  ...PRESETS.default,
  model: {
    ...model,
    vocabSize: 60,
    hiddenSize: 16,
    intermediateSize: 24,
    moeIntermediateSize: 8,
    numHiddenLayers: 2,
    numAttentionHeads: 2,
    numKeyValueHeads: 1,
    headDim: 8,
    nRoutedExperts: 6,
    numExpertsPerTok: 2,
  },
  train: { ...train, batchSize: 2, sequenceLength: 8, shards: 2 },
};

/** Trains for the largest of `steps` and calls `look` after each of them. */
export async function lookAfter(steps: readonly number[], look: (step: number) => void): Promise<void> {
  const batch = (step: number) => ({ ids: new Int32Array(18).map((_, index) => (index * 7 + step) % 60), epoch: 0 });
  const trainer = new Trainer(config, { batch });
  try {
    for await (const event of trainer.events()) {
      if (event.kind !== 'step') continue;
      if (steps.includes(event.step)) look(event.step);
      if (event.step === Math.max(...steps)) return;
    }
  } finally {
    trainer.dispose();
  }
}
