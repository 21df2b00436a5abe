// What happens to q and k between projection and attention: RMSNorm over each head, then rotary positions (arXiv 2104.09864).
import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation';
import { inverseRms, rmsNormInputGradient } from '../rmsNorm/rmsNorm';

type Inputs = { q: tf.Tensor; k: tf.Tensor; qWeight: tf.Tensor; kWeight: tf.Tensor; cos: tf.Tensor; sin: tf.Tensor };
export type QkNormRopeAttributes = { eps: number; normalise: boolean };

/** [N, H·D] as [N / T, T, H, D]: row n stands at position n mod T of the tables. */
function heads(x: tf.Tensor, cos: tf.Tensor): tf.Tensor {
  const [T, half] = cos.shape as [number, number];
  return tf.reshape(x, [x.shape[0]! / T, T, x.shape[1]! / (2 * half), 2 * half]);
}

/** Rotates the pairs (x_i, x_{i + D/2}) by ±θ: (x₁·cos ∓ x₂·sin, x₂·cos ± x₁·sin). x [b, T, H, D]; tables [T, D/2]. */
function rotate(x: tf.Tensor, cos: tf.Tensor, sin: tf.Tensor): tf.Tensor {
  const [T, half] = cos.shape as [number, number];
  const [first, second] = tf.split(x, 2, -1) as [tf.Tensor, tf.Tensor];
  const c = tf.reshape(cos, [1, T, 1, half]);
  const s = tf.reshape(sin, [1, T, 1, half]);
  return tf.concat([tf.sub(tf.mul(first, c), tf.mul(second, s)), tf.add(tf.mul(second, c), tf.mul(first, s))], -1);
}

type OneOfThem = Pick<Inputs, 'cos' | 'sin'> & { x: tf.Tensor; weight: tf.Tensor };

/** The output of q or of k. */
function turned({ x, weight, cos, sin }: OneOfThem, { eps, normalise }: QkNormRopeAttributes): tf.Tensor {
  const h = heads(x, cos);
  const normed = normalise ? tf.mul(tf.mul(h, inverseRms(h, eps)), weight) : h;
  return tf.reshape(rotate(normed, cos, sin), x.shape);
}

/** The gradients of q or of k. */
function turnedBack(dy: tf.Tensor, { x, weight, cos, sin }: OneOfThem, { eps, normalise }: QkNormRopeAttributes) {
  const dNormed = rotate(heads(dy, cos), cos, tf.neg(sin));
  if (!normalise) return { x: tf.reshape(dNormed, x.shape), weight: tf.zerosLike(weight) };
  const h = heads(x, cos);
  const r = inverseRms(h, eps);
  const D = weight.shape[0]!;
  return {
    x: tf.reshape(rmsNormInputGradient(dNormed, h, weight, r), x.shape),
    weight: tf.sum(tf.reshape(tf.mul(dNormed, tf.mul(h, r)), [-1, D]), 0),
  };
}

/**
 * y = rope(normalise ? w·h·r : h) for each head h of q, and of k. The gradient rotates back, then passes through the norm.
 * Inputs: q [N, H·D], k [N, Hkv·D], qWeight and kWeight [D], cos and sin [T, D/2] with N a multiple of T. Outputs [N, H·D], [N, Hkv·D].
 */
export const qkNormRopeOperation = defineOperation<Inputs, QkNormRopeAttributes>(
  'QkNormRope',
  ['q', 'k', 'qWeight', 'kWeight', 'cos', 'sin'],
  {
    forward: ({ q, k, qWeight, kWeight, cos, sin }, attributes) => [
      turned({ x: q, weight: qWeight, cos, sin }, attributes),
      turned({ x: k, weight: kWeight, cos, sin }, attributes),
    ],
    backward: ([dq, dk], { q, k, qWeight, kWeight, cos, sin }, _outputs, attributes) => {
      const ofQ = turnedBack(dq!, { x: q, weight: qWeight, cos, sin }, attributes);
      const ofK = turnedBack(dk!, { x: k, weight: kWeight, cos, sin }, attributes);
      return { q: ofQ.x, k: ofK.x, qWeight: ofQ.weight, kWeight: ofK.weight };
    },
  },
  [0, 1],
);

/** @param inputs q [N, H·D], k [N, Hkv·D], their weights [D], cos and sin [T, D/2] @returns q [N, H·D] and k [N, Hkv·D] for attention */
export function qkNormRope(inputs: Inputs, attributes: QkNormRopeAttributes): { q: tf.Tensor; k: tf.Tensor } {
  const [q, k] = qkNormRopeOperation(inputs, attributes);
  return { q: q!, k: k! };
}

/** RoPE tables for positions start … start + length − 1: cos and sin of position · theta^(−2i/D), [length, D/2]. Computed on the host: a GPU's sin is off by 2e-4. */
export function ropeTables(headDim: number, theta: number, length: number, start = 0): { cos: Float32Array; sin: Float32Array } {
  const half = headDim / 2;
  const cos = new Float32Array(length * half);
  const sin = new Float32Array(length * half);
  for (let t = 0; t < length; t++) {
    for (let i = 0; i < half; i++) {
      const angle = (start + t) * theta ** ((-2 * i) / headDim);
      cos[t * half + i] = Math.cos(angle);
      sin[t * half + i] = Math.sin(angle);
    }
  }
  return { cos, sin };
}
