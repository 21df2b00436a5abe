// The small sequence-wise balance loss that dots.llm1 uses beside its bias (DeepSeek-V3, arXiv 2412.19437, eq. 17–20).
import * as tf from '@tensorflow/tfjs-core';
import { oneHot } from '../oneHot';
import { defineOperation } from '../operation';

/** f_i = E/(K·T)·#{t: i in TopK(s_t)} of each sequence, [B, 1, E]: counted on the unbiased scores [B, T, E], without gradient. */
function frequencies(scores: tf.Tensor, K: number): tf.Tensor {
  const [, T, E] = scores.shape as [number, number, number];
  const picks = tf.sum(oneHot(tf.topk(scores, K).indices, E), 2);
  return tf.mul(tf.sum(picks, 1, true), E / (K * T));
}

/**
 * L_b = Σ_i f_i·P_i of each sequence, P_i = mean_t(s_ti / Σ_j s_tj).
 * With S_t = Σ_j s_tj: ds_ti = dL_b·(f_i − Σ_j f_j·s_tj / S_t) / (S_t·T).
 * Inputs: scores [B·T, E]. Output [B] (average it and multiply by α).
 */
export const sequenceBalanceOperation = defineOperation<{ scores: tf.Tensor }, { sequences: number; expertsPerToken: number }>(
  'SequenceBalance',
  ['scores'],
  {
    forward: ({ scores }, { sequences: B, expertsPerToken: K }) => {
      const T = scores.shape[0]! / B;
      const s = tf.reshape(scores, [B, T, scores.shape[1]!]);
      const shares = tf.div(s, tf.sum(s, -1, true));
      const losses = tf.sum(tf.reshape(tf.mul(shares, frequencies(s, K)), [B, -1]), 1);
      return [tf.mul(losses, 1 / T)];
    },
    backward: ([dLosses], { scores }, _outputs, { sequences: B, expertsPerToken: K }) => {
      const T = scores.shape[0]! / B;
      const s = tf.reshape(scores, [B, T, scores.shape[1]!]);
      const f = frequencies(s, K);
      const total = tf.sum(s, -1, true);
      const centred = tf.sub(f, tf.div(tf.sum(tf.mul(f, s), -1, true), total));
      const gradient = tf.mul(tf.div(centred, tf.mul(total, T)), tf.reshape(dLosses!, [B, 1, 1]));
      return { scores: tf.reshape(gradient, scores.shape) };
    },
  },
);

/** @param scores [B·T, E], the unbiased sigmoid scores @returns Σ f·P of each sequence, [B], ≥ 1 − ε when balanced */
export function sequenceBalanceLosses(scores: tf.Tensor, attributes: { sequences: number; expertsPerToken: number }): tf.Tensor {
  return sequenceBalanceOperation({ scores }, attributes)[0]!;
}
