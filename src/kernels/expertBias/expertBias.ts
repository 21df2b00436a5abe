// The balance bias learns without gradients: the bias of a busy expert falls, of an idle one rises (arXiv 2408.15664).
import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation';

/** sign(x) by comparison: not every backend has Sign. */
const signOf = (x: tf.Tensor) => tf.sub(tf.cast(tf.greater(x, 0), 'float32'), tf.cast(tf.less(x, 0), 'float32'));

/**
 * What a step's load adds to the bias: γ·sign(mean − load), or γ·(mean − load)/mean if `proportional`; less its own mean if `recentred`.
 * Inputs: load [E]. Output [E]. No gradient.
 */
export const biasUpdateOperation = defineOperation<
  { load: tf.Tensor },
  { speed: number; proportional: boolean; recentred: boolean }
>('BiasUpdate', ['load'], {
  forward: ({ load }, { speed, proportional, recentred }) => {
    const fairShare = tf.mean(load);
    const shortage = tf.sub(fairShare, load);
    const change = tf.mul(proportional ? tf.div(shortage, fairShare) : signOf(shortage), speed);
    return [recentred ? tf.sub(change, tf.mean(change)) : change];
  },
});

/** @param load [E], assignments of each expert in one whole step @param attributes γ as `speed` @returns the change of the bias, [E] */
export function biasUpdate(load: tf.Tensor, attributes: { speed: number; proportional: boolean; recentred: boolean }): tf.Tensor {
  return biasUpdateOperation({ load }, attributes)[0]!;
}
