// How much memory training a model takes, by arithmetic alone.
import { isMoeLayer, type ModelConfig } from '../config/modelConfig';
import type { TrainConfig } from '../config/trainConfig';
import { modelSize } from './modelSize';

export interface MemoryEstimate {
  readonly parameters: number;
  readonly gradients: number;
  /** Adam's two moments. */
  readonly optimizer: number;
  /** What the forward pass keeps for the backward pass, of one shard: shards run one after the other. */
  readonly activations: number;
  readonly total: number;
  /** The largest single tensor: a weight matrix, a stack of experts, or one shard's logits or expert rows. */
  readonly largestTensor: number;
}

const BYTES = 4; // float32 throughout

/**
 * Estimated bytes of training. Parameters, gradients and two moments are 4 bytes each a parameter. Activations of one shard of
 * N = B·T/S tokens, floats a token: a layer keeps its two norms' inputs and outputs (4·C), q, k, v, their normed and rotated
 * copies and the attention's output (3·H·D + 3·G·D, G key heads), scores and probabilities (2·H·T), and three widths of each
 * SwiGLU it passes (dense: intermediateSize; MoE: (K + n_shared)·moeIntermediateSize) plus K gathered inputs and outputs (2·K·C)
 * and 3·E router values; the head keeps logits, probabilities and their gradient (3·V). Transient buffers and the library's own
 * pools come on top: expect up to twice this.
 */
export function memoryEstimate(
  model: ModelConfig,
  train: Pick<TrainConfig, 'batchSize' | 'sequenceLength' | 'shards'>,
): MemoryEstimate {
  const { totalParameters } = modelSize(model);
  const shardTokens = (train.batchSize * train.sequenceLength) / train.shards;
  const { hiddenSize: C, headDim: D, numAttentionHeads: H, numKeyValueHeads: G, numExpertsPerTok: K, nRoutedExperts: E } = model;
  let floats = 3 * model.vocabSize;
  for (let layer = 0; layer < model.numHiddenLayers; layer++) {
    floats += 4 * C + 3 * H * D + 3 * G * D + 2 * H * train.sequenceLength;
    floats += isMoeLayer(model, layer)
      ? 3 * (K + model.nSharedExperts) * model.moeIntermediateSize + 2 * K * C + 3 * E
      : 3 * model.intermediateSize;
  }
  const parameters = totalParameters * BYTES;
  const activations = shardTokens * floats * BYTES;
  const total = 4 * parameters + activations;
  const largestTensor = largestElements(model, shardTokens) * BYTES;
  return { parameters, gradients: parameters, optimizer: 2 * parameters, activations, total, largestTensor };
}

function largestElements(model: ModelConfig, shardTokens: number): number {
  const { hiddenSize: C, vocabSize: V, nRoutedExperts: E, moeIntermediateSize: I, numExpertsPerTok: K } = model;
  const queryWidth = model.numAttentionHeads * model.headDim;
  const sizes = [V * C, queryWidth * C, shardTokens * Math.max(V, queryWidth, C)];
  for (let layer = 0; layer < model.numHiddenLayers; layer++) {
    if (isMoeLayer(model, layer)) sizes.push(E * I * C, model.nSharedExperts * I * C, shardTokens * K * Math.max(I, C));
    else sizes.push(model.intermediateSize * C, shardTokens * model.intermediateSize);
  }
  return Math.max(...sizes);
}
