// What an intervention does to choices and weights between the router and the experts. Rows are told by [N, 1] of 1 and 0; null: every row.
import * as tf from '@tensorflow/tfjs-core';
import { oneHot } from './oneHot';

type Tensor = tf.Tensor;

/** `a` in the rows told, else `b`, to the bit. @param a [N, M] @param b of the same shape */
export function rowsFrom(rows: Tensor, a: Tensor, b: Tensor): Tensor {
  const isTold = tf.broadcastTo(tf.greater(rows, 0), a.shape);
  return tf.where(isTold, a, b);
}

/** `offset` with `lift` added at the expert each told row names. @param offset [1, E] or [N, E] @param expert [N, 1] int32 @returns [N, E] */
export function liftedAt(offset: Tensor, expert: Tensor, rows: Tensor | null, lift: number): Tensor {
  const [N] = expert.shape as [number, number];
  const E = offset.shape[1]!;
  const spread = tf.broadcastTo(offset, [N, E]);
  const lifted = tf.add(spread, tf.mul(tf.reshape(oneHot(expert, E), [N, E]), lift));
  return rows ? rowsFrom(rows, lifted, spread) : lifted;
}

/** `chosen` with `instead` where `expert` stood in a told row. @param chosen [N, K] int32 */
export function replaced(chosen: Tensor, expert: number, instead: number, rows: Tensor | null): Tensor {
  const isThere = tf.equal(chosen, tf.fill(chosen.shape, expert, 'int32'));
  const changed = tf.where(isThere, tf.fill(chosen.shape, instead, 'int32'), chosen);
  return rows ? rowsFrom(rows, changed, chosen) : changed;
}

/** Choices with places for `width` experts: the first expert once more, with weight 0, so that it adds nothing. @param chosen [N, K] int32 @param weights [N, K] */
export function widened(chosen: Tensor, weights: Tensor, width: number): { chosen: Tensor; weights: Tensor } {
  const [N, K] = chosen.shape as [number, number];
  if (K === width) return { chosen, weights };
  const first = tf.slice(chosen, [0, 0], [N, 1]);
  return {
    chosen: tf.concat([chosen, ...Array.from({ length: width - K }, () => first)], 1),
    weights: tf.concat([weights, tf.zeros([N, width - K])], 1),
  };
}

/** Columns `start` … `start + count − 1` of a matrix. @param matrix [N, M] @returns [N, count] */
export function columns(matrix: Tensor, start: number, count: number): Tensor {
  return tf.slice(matrix, [0, start], [matrix.shape[0]!, count]);
}
