// The gated MLP of a transformer (arXiv 2002.05202). Weights are [out, in].
import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation';

type Inputs = { x: tf.Tensor; gate: tf.Tensor; up: tf.Tensor; down: tf.Tensor };

/** silu(x) = x·s and its derivative s·(1 + x·(1 − s)), s = sigmoid(x). */
export function siluAndSlope(x: tf.Tensor): { value: tf.Tensor; slope: tf.Tensor } {
  const s = tf.sigmoid(x);
  return { value: tf.mul(x, s), slope: tf.mul(s, tf.add(tf.mul(x, tf.sub(1, s)), 1)) };
}

const product = (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D);

/**
 * y = h·Dᵀ, h = silu(g)·u, g = x·Gᵀ, u = x·Uᵀ. With dh = dy·D: dD = dyᵀ·h; dg = dh·u·silu′(g); du = dh·silu(g);
 * dx = dg·G + du·U; dG = dgᵀ·x; dU = duᵀ·x.
 * Inputs: x [N, C], gate and up [I, C], down [C, I]. Output [N, C]. A fast path may return more tensors that its own backward reads.
 */
export const swigluOperation = defineOperation<Inputs, Record<never, never>>('SwiGlu', ['x', 'gate', 'up', 'down'], {
  forward: ({ x, gate, up, down }) => {
    const h = tf.mul(siluAndSlope(product(x, tf.transpose(gate))).value, product(x, tf.transpose(up)));
    return [product(h, tf.transpose(down))];
  },
  backward: ([dy], { x, gate, up, down }) => {
    const { value, slope } = siluAndSlope(product(x, tf.transpose(gate)));
    const u = product(x, tf.transpose(up));
    const dh = product(dy!, down);
    const dg = tf.mul(tf.mul(dh, u), slope);
    const du = tf.mul(dh, value);
    return {
      x: tf.add(product(dg, gate), product(du, up)),
      gate: product(tf.transpose(dg), x),
      up: product(tf.transpose(du), x),
      down: product(tf.transpose(dy!), tf.mul(value, u)),
    };
  },
});

/** down(silu(gate x)·up x). @param x [N, C] @param weights gate and up [I, C], down [C, I] @returns [N, C] */
export function swiglu(x: tf.Tensor, { gate, up, down }: Omit<Inputs, 'x'>): tf.Tensor {
  return swigluOperation({ x, gate, up, down }, {})[0]!;
}
