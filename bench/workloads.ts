// What is measured: run configurations, and the text all contestants train on.
import type { ModelConfig } from '../src/config/modelConfig';
import { PRESETS } from '../src/config/presets';
import type { RunConfig, TrainConfig } from '../src/config/trainConfig';
import { rngFor } from '../src/core/rng';

/** No clipping and no warm-up: the first losses then depend on every part of the step from the start. */
const plainTraining: Partial<TrainConfig> = {
  gradientClip: 0,
  warmupSteps: 0,
  learningRate: 1e-3,
  shards: 1,
  validationEvery: 0,
  sampleEvery: 0,
};
const noExperts: Partial<ModelConfig> = { nRoutedExperts: 0, nSharedExperts: 0, numExpertsPerTok: 0, firstKDenseReplace: 0 };

function workload(model: Partial<ModelConfig>, train: Partial<TrainConfig>): RunConfig {
  const base = PRESETS.default;
  return {
    ...base,
    model: { ...base.model, initializerRange: 0.04, ...model },
    train: { ...base.train, ...plainTraining, ...train },
  };
}

/** The dense LM of the published comparison: 0.98 M parameters, 1,024 tokens a step. */
export const dense = (train: Partial<TrainConfig> = {}): RunConfig =>
  workload(
    { ...noExperts, vocabSize: 512, hiddenSize: 128, numHiddenLayers: 4, intermediateSize: 384 },
    { batchSize: 8, sequenceLength: 128, balanceMode: 'none', sequenceLossWeight: 0, ...train },
  );

/** A byte LM of 118k parameters with a SwiGLU of 136, 256 tokens a step: small enough that calls cost more than arithmetic. */
export const small = (train: Partial<TrainConfig> = {}): RunConfig =>
  workload(
    {
      ...noExperts,
      vocabSize: 256,
      hiddenSize: 64,
      numHiddenLayers: 2,
      numAttentionHeads: 2,
      numKeyValueHeads: 2,
      intermediateSize: 136,
    },
    { batchSize: 8, sequenceLength: 32, balanceMode: 'none', sequenceLossWeight: 0, ...train },
  );

/** Two MoE layers of width 128 and nothing dense beside attention and head; experts of width 64, six of `experts` for each token. */
export const mixture = (experts: number, tokens: number): RunConfig =>
  workload(
    {
      vocabSize: 512,
      hiddenSize: 128,
      numHiddenLayers: 2,
      firstKDenseReplace: 0,
      nRoutedExperts: experts,
      numExpertsPerTok: 6,
      moeIntermediateSize: 64,
    },
    { batchSize: tokens / 128, sequenceLength: 128 },
  );

/**
 * A mixture that a library without sparse routes can write down too: two MoE layers of 16 experts of width 64, two for each token, and two
 * shared ones; biases that follow the load, no balance loss; 1,024 tokens a step.
 */
export const comparedMixture = (): RunConfig =>
  workload(
    {
      vocabSize: 512,
      hiddenSize: 128,
      numHiddenLayers: 2,
      firstKDenseReplace: 0,
      nRoutedExperts: 16,
      nSharedExperts: 2,
      numExpertsPerTok: 2,
      moeIntermediateSize: 64,
    },
    { batchSize: 8, sequenceLength: 128, balanceMode: 'sign', sequenceLossWeight: 0 },
  );

export const AXES = ['width', 'layers', 'experts', 'context'] as const;
export type Axis = (typeof AXES)[number];

/** A small MoE with one size `factor` times as large; always 1,024 tokens a step. */
export function grown(axis: Axis, factor: number): RunConfig {
  const by = (which: Axis) => (which === axis ? factor : 1);
  const width = 64 * by('width');
  return workload(
    {
      vocabSize: 512,
      hiddenSize: width,
      numAttentionHeads: width / 32,
      numKeyValueHeads: width / 32,
      intermediateSize: 3 * width,
      moeIntermediateSize: width / 2,
      numHiddenLayers: by('layers'),
      firstKDenseReplace: 0,
      nRoutedExperts: 16 * by('experts'),
      numExpertsPerTok: 2,
    },
    { batchSize: 32 / by('context'), sequenceLength: 32 * by('context') },
  );
}

export interface SyntheticText {
  batch(step: number): { readonly ids: Int32Array; readonly epoch: number };
}

/** Text made up by a rule: half its tokens follow from the one before, the others are drawn, low ids more often than high ones. ids [B, T + 1] */
export function syntheticText({ model, train }: RunConfig): SyntheticText {
  const { vocabSize } = model;
  const width = train.sequenceLength + 1;
  return {
    batch(step) {
      const rng = rngFor(train.seed, 'data', step);
      const ids = new Int32Array(train.batchSize * width);
      for (let i = 0; i < ids.length; i++) {
        const follows = rng.uniform() < 0.5 && i % width > 0;
        ids[i] = follows ? (ids[i - 1]! * 3 + 1) % vocabSize : Math.floor(vocabSize * rng.uniform() ** 3);
      }
      return { ids, epoch: 0 };
    },
  };
}
