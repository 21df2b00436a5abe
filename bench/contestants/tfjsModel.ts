// The dense decoder of this repository in plain operations of tfjs, as one writes it by hand: weights as [in, out], one-hot for lookups (WASM
// has no gradient of a gather).
import * as tf from '@tensorflow/tfjs-core';
import type { ModelConfig } from '../../src/config/modelConfig';
import { ropeTables } from '../../src/kernels/qkNormRope/qkNormRope';

/** By the names of `peerWeights`. */
export type Weights = Record<string, tf.Tensor>;

/** How two matrices, or stacks of them, are multiplied. */
export type Product = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** What a forward pass reads and does not learn. */
export interface Constants {
  readonly cos: tf.Tensor; // [T, D/2]
  readonly sin: tf.Tensor; // [T, D/2]
  readonly mask: tf.Tensor; // [T, T], 0 or −1e9
}

export function constantsFor({ headDim, ropeTheta }: ModelConfig, length: number): Constants {
  const { cos, sin } = ropeTables(headDim, ropeTheta, length, 0);
  const mask = Float32Array.from({ length: length * length }, (_, i) => (i % length > Math.floor(i / length) ? -1e9 : 0));
  return {
    cos: tf.tensor(Float32Array.from(cos), [length, headDim / 2]),
    sin: tf.tensor(Float32Array.from(sin), [length, headDim / 2]),
    mask: tf.tensor(mask, [length, length]),
  };
}

const lastTwoSwapped = (x: tf.Tensor): tf.Tensor => tf.transpose(x, [...Array(x.rank - 2).keys(), x.rank - 1, x.rank - 2]);

/** tfjs' own product and gradient. */
export const plainProduct: Product = (a, b) => tf.matMul(a, b);

/** The same with operands of the gradient transposed beforehand: on WASM the built-in gradient multiplies ten times slower. */
export const transposingProduct: Product = tf.customGrad((a: unknown, b: unknown, save: unknown) => {
  const [left, right] = [a as tf.Tensor, b as tf.Tensor];
  (save as tf.GradSaveFunc)([left, right]);
  return {
    value: tf.matMul(left, right),
    gradFunc: (dy: tf.Tensor, [x, y]: tf.Tensor[]) => [tf.matMul(dy, lastTwoSwapped(y!)), tf.matMul(lastTwoSwapped(x!), dy)],
  };
}) as unknown as Product;

/** weight·x·rsqrt(mean(x²) + eps) over the last axis. */
function rmsNorm(x: tf.Tensor, weight: tf.Tensor, eps: number): tf.Tensor {
  const meanSquare = tf.mean(tf.square(x), -1, true);
  return tf.mul(tf.mul(x, tf.rsqrt(tf.add(meanSquare, eps))), weight);
}

/** Half-rotation of x [B, H, T, D]. */
function rotate(x: tf.Tensor, { cos, sin }: Constants): tf.Tensor {
  const [first, second] = tf.split(x, 2, -1) as [tf.Tensor, tf.Tensor];
  const left = tf.sub(tf.mul(first, cos), tf.mul(second, sin));
  const right = tf.add(tf.mul(second, cos), tf.mul(first, sin));
  return tf.concat([left, right], -1);
}

const silu = (x: tf.Tensor): tf.Tensor => tf.mul(x, tf.sigmoid(x));

function attention(
  x: tf.Tensor,
  w: Weights,
  layer: number,
  constants: Constants,
  config: ModelConfig,
  sequences: number,
  product: Product,
): tf.Tensor {
  const { numAttentionHeads: H, headDim: D, rmsNormEps } = config;
  const T = x.shape[0]! / sequences;
  const heads = (name: string) =>
    tf.transpose(tf.reshape(product(x, w[`${layer}.${name}`]!), [sequences, T, H, D]), [0, 2, 1, 3]); // [B, H, T, D]
  const q = rotate(rmsNorm(heads('q'), w[`${layer}.qNorm`]!, rmsNormEps), constants);
  const k = rotate(rmsNorm(heads('k'), w[`${layer}.kNorm`]!, rmsNormEps), constants);
  const scores = tf.mul(product(q, lastTwoSwapped(k)), D ** -0.5);
  const mixed = product(tf.softmax(tf.add(scores, constants.mask), -1), heads('v')); // [B, H, T, D]
  return product(tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [sequences * T, H * D]), w[`${layer}.o`]!);
}

/** Mean cross entropy, a scalar. @param inputs one-hot [N, V] @param targets one-hot [N, V] */
export function meanLoss(
  w: Weights,
  inputs: tf.Tensor,
  targets: tf.Tensor,
  constants: Constants,
  config: ModelConfig,
  sequences: number,
  product: Product,
): tf.Scalar {
  const { rmsNormEps: eps } = config;
  let x = product(inputs, w['embedding']!); // [N, C]
  for (let layer = 0; layer < config.numHiddenLayers; layer++) {
    const h = tf.add(x, attention(rmsNorm(x, w[`${layer}.inputNorm`]!, eps), w, layer, constants, config, sequences, product));
    const between = rmsNorm(h, w[`${layer}.postAttentionNorm`]!, eps);
    const hidden = tf.mul(silu(product(between, w[`${layer}.gate`]!)), product(between, w[`${layer}.up`]!));
    x = tf.add(h, product(hidden, w[`${layer}.down`]!));
  }
  const logits = product(rmsNorm(x, w['norm']!, eps), w['head']!); // [N, V]
  return tf.mul(tf.sum(tf.mul(tf.logSoftmax(logits, -1), targets)), -1 / inputs.shape[0]!) as tf.Scalar;
}
