// Routing as a list: assignments (token, expert) sorted by expert, so that an expert's tokens stand together.
import * as tf from '@tensorflow/tfjs-core';
import { oneHot } from '../oneHot';
import { defineOperation } from '../operation';

/** Load and gate mass of each expert, [2, E]. An expert outside [0, E) counts nowhere. */
function totalsOf(chosen: tf.Tensor, weights: tf.Tensor, experts: number): tf.Tensor {
  const picks = tf.reshape(oneHot(chosen, experts), [chosen.size, experts]);
  return tf.stack([tf.sum(picks, 0), tf.sum(tf.mul(picks, tf.reshape(weights, [weights.size, 1])), 0)]);
}

/**
 * Stable counting sort of the assignments a = n·K + k by their expert, and what each expert has of them.
 * Inputs: chosen [N, K] int32, weights [N, K]. Outputs: int32 offsets [E + 1] (expert e owns sorted rows offsets[e] … offsets[e+1] − 1),
 * order [N·K] (sorted row → assignment), position [N·K] (assignment → sorted row); totals [2, E]: row 0 each expert's assignments (load),
 * row 1 the sum of their weights (gate mass). No gradient.
 */
export const assignmentsOperation = defineOperation<{ chosen: tf.Tensor; weights: tf.Tensor }, { experts: number }>(
  'Assignments',
  ['chosen', 'weights'],
  {
    forward: ({ chosen, weights }, { experts }) => {
      const count = chosen.size;
      const expertOf = tf.cast(tf.reshape(chosen, [count]), 'float32');
      const index = tf.range(0, count, 1, 'float32');
      // Expert first, arrival second: below 2²⁴, so exact as a float.
      const order = tf.topk(tf.neg(tf.add(tf.mul(expertOf, count), index)), count).indices;
      const position = tf.topk(tf.neg(tf.cast(order, 'float32')), count).indices;
      const edges = tf.range(0, experts + 1, 1, 'float32');
      const offsets = tf.sum(tf.cast(tf.less(tf.expandDims(expertOf, 0), tf.expandDims(edges, 1)), 'float32'), 1);
      return [tf.cast(offsets, 'int32'), order, position, totalsOf(chosen, weights, experts)];
    },
  },
);

/** A routing as a sorted list. */
export interface Assignments {
  readonly offsets: tf.Tensor; // [E + 1] int32
  readonly order: tf.Tensor; // [N·K] int32
  readonly position: tf.Tensor; // [N·K] int32
  /** Load and gate mass. */
  readonly totals: tf.Tensor; // [2, E]
}

/** @param chosen [N, K] int32 @param weights [N, K] @param experts E */
export function sortByExpert(chosen: tf.Tensor, weights: tf.Tensor, experts: number): Assignments {
  const [offsets, order, position, totals] = assignmentsOperation({ chosen, weights }, { experts });
  return { offsets: offsets!, order: order!, position: position!, totals: totals! };
}
