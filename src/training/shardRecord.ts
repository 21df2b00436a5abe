// A shard's result as one run of numbers, so that a worker without our tensors can compute it for us.
import { moeLayerCount, type ModelConfig } from '../config/modelConfig';
import type { TrainConfig } from '../config/trainConfig';
import { assert } from '../core/assert';
import { floatTensor, peek, type Tensor } from '../kernels/tensor';
import { elementsOf, parameterSpecs } from '../model/parameters';
import { disposeShard, type ShardResult } from './shard';

/** How many figures a shard tells, see `shardFigures`. */
function figureCount(model: ModelConfig): number {
  const L = moeLayerCount(model);
  return 1 + model.numHiddenLayers + (L > 0 ? 1 + L : 0);
}

/** Shapes of what a shard returns, in the order of its record. */
function shapesOf(model: ModelConfig, train: TrainConfig) {
  const L = moeLayerCount(model);
  const T = train.sequenceLength;
  const K = model.numExpertsPerTok;
  return {
    gradients: parameterSpecs(model).map(({ shape }) => [...shape]),
    totals: Array.from({ length: L }, () => [2, model.nRoutedExperts]),
    figures: [figureCount(model)],
    window: [T + 2 * L * T * (K + 1)],
  };
}

/** How many numbers a record has. */
export function recordLength(model: ModelConfig, train: TrainConfig): number {
  const { gradients, totals, figures, window } = shapesOf(model, train);
  return [...gradients, ...totals, figures, window].reduce((sum, shape) => sum + elementsOf(shape), 0);
}

/** Writes `result` into `record` and frees it. Not on WebGPU, whose values cannot be had without waiting. */
export function packShard(result: ShardResult, record: Float32Array): void {
  let at = 0;
  for (const tensor of [...result.gradients, ...result.totals, result.figures, result.window]) {
    record.set(peek(tensor), at);
    at += tensor.size;
  }
  assert(at === record.length, `a shard of ${at} numbers for a record of ${record.length}`);
  disposeShard(result);
}

/** The tensors of a record, to the bit; the caller owns them. */
export function unpackShard(record: Float32Array, model: ModelConfig, train: TrainConfig): ShardResult {
  let at = 0;
  const take = (shape: number[]): Tensor => floatTensor(record.subarray(at, (at += elementsOf(shape))), shape);
  const { gradients, totals, figures, window } = shapesOf(model, train);
  return { gradients: gradients.map(take), totals: totals.map(take), figures: take(figures), window: take(window) };
}
