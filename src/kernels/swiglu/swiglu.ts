// The gated activation between the two halves of an MLP (arXiv 2002.05202).
import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation';

/** silu(x) = x·s and its derivative s·(1 + x·(1 − s)), s = sigmoid(x). */
export function siluAndSlope(x: tf.Tensor): { value: tf.Tensor; slope: tf.Tensor } {
  const s = tf.sigmoid(x);
  return { value: tf.mul(x, s), slope: tf.mul(s, tf.add(tf.mul(x, tf.sub(1, s)), 1)) };
}

/** h = silu(g)·u; dg = dh·u·silu′(g); du = dh·silu(g). Inputs: gate, up [N, I]. Output [N, I]. */
export const swigluOperation = defineOperation<{ gate: tf.Tensor; up: tf.Tensor }, Record<never, never>>(
  'SwiGlu',
  ['gate', 'up'],
  {
    forward: ({ gate, up }) => [tf.mul(siluAndSlope(gate).value, up)],
    backward: ([dh], { gate, up }) => {
      const { value, slope } = siluAndSlope(gate);
      return { gate: tf.mul(tf.mul(dh!, up), slope), up: tf.mul(dh!, value) };
    },
  },
);

/** @param gate [N, I] @param up [N, I] @returns [N, I] */
export function swiglu(gate: tf.Tensor, up: tf.Tensor): tf.Tensor {
  return swigluOperation({ gate, up }, {})[0]!;
}
