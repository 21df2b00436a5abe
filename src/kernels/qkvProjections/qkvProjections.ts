// The three linear layers that attention begins with: one input, three weights. Weights are [out, in].
import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation';

type Inputs = { x: tf.Tensor; q: tf.Tensor; k: tf.Tensor; v: tf.Tensor };

const product = (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D);

/**
 * y_i = x·W_iᵀ for W = q, k, v; dx = Σ_i dy_i·W_i; dW_i = dy_iᵀ·x.
 * Inputs: x [N, C], q [H·D, C], k and v [Hkv·D, C]. Outputs [N, H·D], [N, Hkv·D], [N, Hkv·D].
 */
export const qkvProjectionsOperation = defineOperation<Inputs, Record<never, never>>(
  'QkvProjections',
  ['x', 'q', 'k', 'v'],
  {
    forward: ({ x, q, k, v }) => [q, k, v].map((weight) => product(x, tf.transpose(weight))),
    backward: ([dq, dk, dv], { x, q, k, v }) => ({
      x: tf.add(tf.add(product(dq!, q), product(dk!, k)), product(dv!, v)),
      q: product(tf.transpose(dq!), x),
      k: product(tf.transpose(dk!), x),
      v: product(tf.transpose(dv!), x),
    }),
  },
  [0, 1, 2],
);

/** @param x [N, C] @param weights q [H·D, C], k and v [Hkv·D, C] @returns q [N, H·D], k and v [N, Hkv·D] */
export function qkvProjections(x: tf.Tensor, { q, k, v }: Omit<Inputs, 'x'>): Omit<Inputs, 'x'> {
  const [ofQ, ofK, ofV] = qkvProjectionsOperation({ x, q, k, v }, {});
  return { q: ofQ!, k: ofK!, v: ofV! };
}
