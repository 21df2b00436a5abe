// A linear layer without bias; weights are [out, in], as in a Hugging Face checkpoint.
import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation';

/** y = x·Wᵀ; dx = dy·W; dW = dyᵀ·x. Inputs: x [N, A], weight [B, A]. Output [N, B]. Transposes are explicit: tfjs' wasm matmul is slow with transposed operands. */
export const linearOperation = defineOperation<{ x: tf.Tensor; weight: tf.Tensor }, Record<never, never>>(
  'Linear',
  ['x', 'weight'],
  {
    forward: ({ x, weight }) => [tf.matMul(x as tf.Tensor2D, tf.transpose(weight) as tf.Tensor2D)],
    backward: ([dy], { x, weight }) => ({
      x: tf.matMul(dy as tf.Tensor2D, weight as tf.Tensor2D),
      weight: tf.matMul(tf.transpose(dy!) as tf.Tensor2D, x as tf.Tensor2D),
    }),
  },
);

/** @param x [N, A] @param weight [B, A] @returns [N, B] */
export function linear(x: tf.Tensor, weight: tf.Tensor): tf.Tensor {
  return linearOperation({ x, weight }, {})[0]!;
}
