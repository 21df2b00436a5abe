// Causal attention for a text that grows: keys and values of what was read before stay on the device, so a new token costs one row of work.
import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation';

type Inputs = { q: tf.Tensor; k: tf.Tensor; v: tf.Tensor; cache: tf.Tensor };
export type CachedAttentionAttributes = {
  /** Rows of the cache that are filled already: the position of the first new token. */
  start: number;
  heads: number;
  keyValueHeads: number;
};

/** [rows, heads·D] as [heads, rows, D], each head repeated `times` times. */
function byHead(x: tf.Tensor, heads: number, times = 1): tf.Tensor {
  const [rows, width] = x.shape as [number, number];
  const split = tf.transpose(tf.reshape(x, [rows, heads, width / heads]), [1, 0, 2]);
  if (times === 1) return split;
  const repeated = tf.tile(tf.reshape(split, [heads, 1, rows, width / heads]), [1, times, 1, 1]);
  return tf.reshape(repeated, [heads * times, rows, width / heads]);
}

/**
 * o = softmax(q·keysᵀ·D^−½, causal)·values of one sequence, where the n new tokens stand at positions start … start + n − 1.
 * Inputs: q [n, H·D], k and v [n, Hkv·D], cache [capacity, 2·Hkv·D]: a row holds a position's keys, then its values; only rows before `start` are read.
 * Outputs: o [n, H·D], the cache with k and v in rows start … start + n − 1. No gradient: this is for inference.
 * A fast path may write in place and return the very cache it was given.
 */
export const cachedAttentionOperation = defineOperation<Inputs, CachedAttentionAttributes>(
  'CachedAttention',
  ['q', 'k', 'v', 'cache'],
  {
    forward: ({ q, k, v, cache }, { start, heads, keyValueHeads }) => {
      const [n, queryWidth] = q.shape as [number, number];
      const [capacity, rowWidth] = cache.shape as [number, number];
      const length = start + n;
      const filled = tf.concat([tf.slice(cache, [0, 0], [start, rowWidth]), tf.concat([k, v], 1)], 0);
      const [keys, values] = tf.split(filled, 2, 1) as [tf.Tensor, tf.Tensor];
      const times = heads / keyValueHeads;
      const transposedKeys = tf.transpose(byHead(keys, keyValueHeads, times), [0, 2, 1]);
      const logits = tf.mul(tf.matMul(byHead(q, heads), transposedKeys), (queryWidth / heads) ** -0.5); // [H, n, length]
      const row = tf.reshape(tf.range(start, length, 1, 'int32'), [1, n, 1]);
      const column = tf.reshape(tf.range(0, length, 1, 'int32'), [1, 1, length]);
      const allowed = tf.cast(tf.lessEqual(column, row), 'float32');
      const P = tf.softmax(tf.add(tf.mul(logits, allowed), tf.mul(tf.sub(allowed, 1), 1e30)));
      const output = tf.matMul(P, byHead(values, keyValueHeads, times)); // [H, n, D]
      return [
        tf.reshape(tf.transpose(output, [1, 0, 2]), q.shape),
        tf.concat([filled, tf.slice(cache, [length, 0], [capacity - length, rowWidth])], 0),
      ];
    },
  },
);

/**
 * @param q [n, H·D] @param k [n, Hkv·D] @param v [n, Hkv·D] @param cache [capacity, 2·Hkv·D] with start + n ≤ capacity
 * @returns output [n, H·D], and the cache to go on with; it may be `cache` itself, written in place: the one given holds nothing of use any more
 */
export function cachedAttention(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  cache: tf.Tensor,
  attributes: CachedAttentionAttributes,
): { output: tf.Tensor; cache: tf.Tensor } {
  const end = attributes.start + q.shape[0]!;
  if (end > cache.shape[0]!) throw new RangeError(`position ${end - 1} is beyond a cache of ${cache.shape[0]} rows`);
  const [output, next] = cachedAttentionOperation({ q, k, v, cache }, attributes);
  return { output: output!, cache: next! };
}
