// The small sequence-wise balance loss that dots.llm1 uses beside its bias (DeepSeek-V3, arXiv 2412.19437, eq. 17–20).
import * as tf from '@tensorflow/tfjs-core';
import { oneHot } from '../oneHot';
import { defineOperation, type NamedTensors } from '../operation';

export type SequenceBalanceAttributes = { sequences: number; expertsPerToken: number };

/** f_i = E/(K·T)·#{t: i in TopK(s_t)} of each sequence, [B, 1, E]: counted on the unbiased scores [B, T, E], without gradient. */
function frequencies(scores: tf.Tensor, K: number): tf.Tensor {
  const [, T, E] = scores.shape as [number, number, number];
  const picks = tf.sum(oneHot(tf.topk(scores, K).indices, E), 2);
  return tf.mul(tf.sum(picks, 1, true), E / (K * T));
}

/** L_b of each sequence, [B]. @param scores [B·T, E] */
function lossesOf(scores: tf.Tensor, { sequences: B, expertsPerToken: K }: SequenceBalanceAttributes): tf.Tensor {
  const T = scores.shape[0]! / B;
  const s = tf.reshape(scores, [B, T, scores.shape[1]!]);
  const shares = tf.div(s, tf.sum(s, -1, true));
  return tf.mul(tf.sum(tf.reshape(tf.mul(shares, frequencies(s, K)), [B, -1]), 1), 1 / T);
}

/** @param dLosses [B] @returns ds [B·T, E] */
function scoresGradient(
  dLosses: tf.Tensor,
  scores: tf.Tensor,
  { sequences: B, expertsPerToken: K }: SequenceBalanceAttributes,
): tf.Tensor {
  const T = scores.shape[0]! / B;
  const s = tf.reshape(scores, [B, T, scores.shape[1]!]);
  const f = frequencies(s, K);
  const total = tf.sum(s, -1, true);
  const centred = tf.sub(f, tf.div(tf.sum(tf.mul(f, s), -1, true), total));
  return tf.reshape(tf.mul(tf.div(centred, tf.mul(total, T)), tf.reshape(dLosses, [B, 1, 1])), scores.shape);
}

/**
 * L_b = Σ_i f_i·P_i of each sequence in each layer, P_i = mean_t(s_ti / Σ_j s_tj).
 * With S_t = Σ_j s_tj: ds_ti = dL_b·(f_i − Σ_j f_j·s_tj / S_t) / (S_t·T).
 * Inputs: scores0, scores1, … of the layers, [B·T, E] each. Output [layers·B], layer after layer (average over sequences, multiply by α).
 */
export const sequenceBalanceOperation = defineOperation<NamedTensors, SequenceBalanceAttributes>('SequenceBalance', [], {
  forward: (inputs, attributes) => [tf.concat(Object.values(inputs).map((scores) => lossesOf(scores, attributes)))],
  backward: ([dLosses], inputs, _outputs, attributes) => {
    const { sequences } = attributes;
    const ofLayer = (layer: number) => tf.slice(dLosses!, [layer * sequences], [sequences]);
    return Object.fromEntries(
      Object.entries(inputs).map(([name, scores], layer) => [name, scoresGradient(ofLayer(layer), scores, attributes)]),
    );
  },
});

/** @param scores of each layer, [B·T, E], the unbiased sigmoid scores @returns Σ f·P of each sequence, [layers·B], ≥ 1 − ε when balanced */
export function sequenceBalanceLosses(scores: readonly tf.Tensor[], attributes: SequenceBalanceAttributes): tf.Tensor {
  return sequenceBalanceOperation(Object.fromEntries(scores.map((of, layer) => [`scores${layer}`, of])), attributes)[0]!;
}
