// Root-mean-square normalisation (arXiv 1910.07467), over the last axis.
import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation';

/** 1 / sqrt(mean(x²) + eps) of each row, [..., 1]. */
export function inverseRms(x: tf.Tensor, eps: number): tf.Tensor {
  return tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), eps));
}

/**
 * Gradient of y = w·x·r through the rows of x, r = inverseRms(x):
 * with g = w·dy: dx = r·g − x·r³·mean(g·x).
 */
export function rmsNormInputGradient(dy: tf.Tensor, x: tf.Tensor, weight: tf.Tensor, r: tf.Tensor): tf.Tensor {
  const g = tf.mul(dy, weight);
  const projection = tf.mul(tf.mean(tf.mul(g, x), -1, true), tf.mul(r, tf.square(r)));
  return tf.sub(tf.mul(g, r), tf.mul(x, projection));
}

/** y = w·x·r; dw = Σ_n dy·x·r. Inputs: x [N, C], weight [C]. Output [N, C]. */
export const rmsNormOperation = defineOperation<{ x: tf.Tensor; weight: tf.Tensor }, { eps: number }>(
  'RmsNorm',
  ['x', 'weight'],
  {
    forward: ({ x, weight }, { eps }) => [tf.mul(tf.mul(x, inverseRms(x, eps)), weight)],
    backward: ([dy], { x, weight }, _outputs, { eps }) => {
      const r = inverseRms(x, eps);
      return { x: rmsNormInputGradient(dy!, x, weight, r), weight: tf.sum(tf.mul(dy!, tf.mul(x, r)), 0) };
    },
  },
);

/** @param x [N, C] @param weight [C] @param eps added to the mean square @returns [N, C] */
export function rmsNorm(x: tf.Tensor, weight: tf.Tensor, eps: number): tf.Tensor {
  return rmsNormOperation({ x, weight }, { eps })[0]!;
}
