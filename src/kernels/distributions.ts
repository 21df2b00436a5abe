// Reading scores and vectors of many tokens on the device, so that a question costs one small transfer.
import * as tf from '@tensorflow/tfjs-core';
import { crossEntropyOperation } from './crossEntropy/crossEntropy';

type Tensor = tf.Tensor;

/**
 * The `count` most likely next tokens, most likely first (ties: the lower id), and how surprising `targets` are.
 * @param logits [N, V] @param targets [N] int32 @returns ids and log-probabilities (nats) [N, count], loss [N] in nats
 */
export function mostLikely(logits: Tensor, targets: Tensor, count: number): { ids: Tensor; logs: Tensor; loss: Tensor } {
  const [loss, logSumExp] = crossEntropyOperation({ logits, targets }, {});
  const { values, indices } = tf.topk(logits, count);
  return { ids: indices, logs: tf.sub(values, tf.expandDims(logSumExp!, -1)), loss: loss! };
}

/** Σ_V p·(ln p − ln q) of each token in nats, p = softmax(logits), q = softmax(changed). @param logits [N, V] @param changed [N, V] @returns [N] */
export function divergence(logits: Tensor, changed: Tensor): Tensor {
  const logP = tf.logSoftmax(logits as tf.Tensor2D);
  return tf.sum(tf.mul(tf.exp(logP), tf.sub(logP, tf.logSoftmax(changed as tf.Tensor2D))), -1);
}

/** Euclidean length of each row. @param x [N, C] @returns [N] */
export function rowLengths(x: Tensor): Tensor {
  return tf.sqrt(tf.sum(tf.square(x), -1));
}
