// Named starting points. Each says in its text (text/, preset.<id>.*) what it is for and where it leaves dots.llm1.
import type { ModelConfig } from './modelConfig';
import { AUTOMATIC_SHARDS } from './shards';
import type { RunConfig, TrainConfig } from './trainConfig';

export type PresetId = 'default' | 'laptop' | 'miniature' | 'unbalanced' | 'dense';
export const PRESET_IDS: readonly PresetId[] = ['default', 'laptop', 'miniature', 'unbalanced', 'dense'];

const model: ModelConfig = {
  vocabSize: 2048,
  hiddenSize: 128,
  intermediateSize: 256,
  moeIntermediateSize: 24,
  numHiddenLayers: 4,
  numAttentionHeads: 4,
  numKeyValueHeads: 4,
  headDim: 32,
  nRoutedExperts: 16,
  nSharedExperts: 2,
  numExpertsPerTok: 2,
  nGroup: 1,
  topkGroup: 1,
  normTopkProb: true,
  routedScalingFactor: 1,
  firstKDenseReplace: 1,
  rmsNormEps: 1e-5,
  ropeTheta: 10_000,
  maxPositionEmbeddings: 512,
  initializerRange: 0.02,
  qkNorm: true,
};

const train: TrainConfig = {
  seed: 1,
  batchSize: 16,
  sequenceLength: 128,
  shards: AUTOMATIC_SHARDS,
  learningRate: 2e-3,
  beta1: 0.9,
  beta2: 0.95,
  adamEpsilon: 1e-8,
  weightDecay: 0.1,
  gradientClip: 1,
  // A run of 400 steps, some minutes on a laptop, that shows all three phases.
  warmupSteps: 100,
  stableSteps: 200,
  decaySteps: 100,
  finalLearningRate: 5e-5,
  balanceMode: 'sign',
  // Ten times the published γ: a run here has hundreds of steps, not millions, and its scores spread within the first fifty (LOG.md).
  biasUpdateSpeed: 1e-2,
  finalBiasUpdateSpeed: 1e-3,
  sequenceLossWeight: 1e-4,
  validationEvery: 50,
  sampleEvery: 50,
  sampleTokens: 48,
};

const data = { domains: [], chineseShare: 0.5 };

export const PRESETS: Readonly<Record<PresetId, RunConfig>> = {
  default: { model, train, data },
  // The largest that trained at 2,000 tokens/s or more on the two cores of LOG.md, on a schedule of hours.
  laptop: {
    model: {
      ...model,
      hiddenSize: 192,
      intermediateSize: 512,
      moeIntermediateSize: 48,
      numHiddenLayers: 6,
      numAttentionHeads: 6,
      numKeyValueHeads: 6,
      nRoutedExperts: 32,
      numExpertsPerTok: 4,
    },
    train: { ...train, learningRate: 1.5e-3, stableSteps: 4000, decaySteps: 1000 },
    data,
  },
  // The real routing shape on a narrow body: 128 routed and 2 shared experts, six for each token, weights × 2.5.
  miniature: {
    model: {
      ...model,
      hiddenSize: 96,
      headDim: 24,
      nRoutedExperts: 128,
      numExpertsPerTok: 6,
      moeIntermediateSize: 16,
      routedScalingFactor: 2.5,
    },
    train,
    data,
  },
  unbalanced: { model, train: { ...train, balanceMode: 'none', sequenceLossWeight: 0 }, data },
  // As many parameters active for a token as `default`, without experts: (256 + 3 × (96 + router’s 16/3)) / 4 ≈ 140 wide in each layer.
  dense: {
    model: { ...model, nRoutedExperts: 0, nSharedExperts: 0, numExpertsPerTok: 0, firstKDenseReplace: 0, intermediateSize: 140 },
    train: { ...train, balanceMode: 'none', sequenceLossWeight: 0 },
    data,
  },
};
