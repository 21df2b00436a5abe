// Causal attention, with grouped queries where there are fewer key heads than query heads.
import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation';

type Inputs = { q: tf.Tensor; k: tf.Tensor; v: tf.Tensor };
export type AttentionAttributes = { sequences: number; heads: number; keyValueHeads: number };

/** [B·T, heads·D] as [B, heads, T, D]. */
function byHead(x: tf.Tensor, sequences: number, heads: number): tf.Tensor {
  return tf.transpose(tf.reshape(x, [sequences, x.shape[0]! / sequences, heads, x.shape[1]! / heads]), [0, 2, 1, 3]);
}
/** The way back: [B, heads, T, D] as [B·T, heads·D]. */
function byToken(x: tf.Tensor): tf.Tensor {
  const [B, H, T, D] = x.shape as [number, number, number, number];
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [B * T, H * D]);
}
/** Each key head repeated for its group of query heads: [B, Hkv, T, D] → [B, H, T, D]. */
function repeatHeads(x: tf.Tensor, times: number): tf.Tensor {
  if (times === 1) return x;
  const [B, H, T, D] = x.shape as [number, number, number, number];
  return tf.reshape(tf.tile(tf.reshape(x, [B * H, 1, T, D]), [1, times, 1, 1]), [B, H * times, T, D]);
}
/** Its gradient: the sum over each group. */
function sumHeads(x: tf.Tensor, times: number): tf.Tensor {
  if (times === 1) return x;
  const [B, H, T, D] = x.shape as [number, number, number, number];
  return tf.reshape(tf.sum(tf.reshape(x, [(B * H) / times, times, T * D]), 1), [B, H / times, T, D]);
}
const swapLast = (x: tf.Tensor) => tf.transpose(x, [0, 1, 3, 2]);

/** Scaled logits with the future at −1e30, and softmax of them, [B, H, T, T]. */
function probabilities(q: tf.Tensor, k: tf.Tensor) {
  const T = q.shape[2]!;
  const scaledLogits = tf.mul(tf.matMul(q, swapLast(k)), q.shape[3]! ** -0.5);
  const row = tf.reshape(tf.range(0, T, 1, 'int32'), [T, 1]);
  const column = tf.reshape(tf.range(0, T, 1, 'int32'), [1, T]);
  const allowed = tf.cast(tf.lessEqual(column, row), 'float32');
  const masked = tf.add(tf.mul(scaledLogits, allowed), tf.mul(tf.sub(allowed, 1), 1e30));
  const peak = tf.max(masked, -1, true);
  const exponentials = tf.exp(tf.sub(masked, peak));
  const total = tf.sum(exponentials, -1, true);
  return { P: tf.div(exponentials, total), peak, logSumExp: tf.add(peak, tf.log(total)) };
}

/**
 * o = softmax(q·kᵀ·D^−½, causal)·v for each sequence and head.
 * With P the probabilities: dv = Pᵀ·do; dS = P·(do·vᵀ − Σ_D do·o); dq = dS·k·D^−½; dk = dSᵀ·q·D^−½.
 * Inputs: q [B·T, H·D], k and v [B·T, Hkv·D]. Outputs: o [B·T, H·D], statistics [B·T, H, 2]: the row's largest scaled logit and its logsumexp.
 */
export const attentionOperation = defineOperation<Inputs, AttentionAttributes>('CausalAttention', ['q', 'k', 'v'], {
  forward: (inputs, { sequences, heads, keyValueHeads }) => {
    const times = heads / keyValueHeads;
    const q = byHead(inputs.q, sequences, heads);
    const k = repeatHeads(byHead(inputs.k, sequences, keyValueHeads), times);
    const v = repeatHeads(byHead(inputs.v, sequences, keyValueHeads), times);
    const { P, peak, logSumExp } = probabilities(q, k);
    const statistics = tf.reshape(tf.transpose(tf.concat([peak, logSumExp], -1), [0, 2, 1, 3]), [inputs.q.shape[0]!, heads, 2]);
    return [byToken(tf.matMul(P, v)), statistics];
  },
  backward: ([dOutput], inputs, [output], { sequences, heads, keyValueHeads }) => {
    const times = heads / keyValueHeads;
    const q = byHead(inputs.q, sequences, heads);
    const k = repeatHeads(byHead(inputs.k, sequences, keyValueHeads), times);
    const v = repeatHeads(byHead(inputs.v, sequences, keyValueHeads), times);
    const dO = byHead(dOutput!, sequences, heads);
    const o = byHead(output!, sequences, heads);
    const { P } = probabilities(q, k);
    const dP = tf.matMul(dO, swapLast(v));
    const dS = tf.mul(tf.mul(P, tf.sub(dP, tf.sum(tf.mul(dO, o), -1, true))), q.shape[3]! ** -0.5);
    return {
      q: byToken(tf.matMul(dS, k)),
      k: byToken(sumHeads(tf.matMul(swapLast(dS), q), times)),
      v: byToken(sumHeads(tf.matMul(swapLast(P), dO), times)),
    };
  },
});

/** @param q [B·T, H·D] @param k [B·T, Hkv·D] @param v [B·T, Hkv·D] @returns output [B·T, H·D] and statistics [B·T, H, 2] (largest scaled logit, logsumexp) */
export function attention(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  attributes: AttentionAttributes,
): { output: tf.Tensor; statistics: tf.Tensor } {
  const [output, statistics] = attentionOperation({ q, k, v }, attributes);
  return { output: output!, statistics: statistics! };
}
