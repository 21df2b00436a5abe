// One-hot rows by comparison: tfjs' own oneHot returns different types on different backends.
import * as tf from '@tensorflow/tfjs-core';

/** 1 in column ids[...], 0 elsewhere; an id outside [0, width) gives a row of zeros. @param ids [...] int32 @returns [..., width] float32 */
export function oneHot(ids: tf.Tensor, width: number): tf.Tensor {
  return tf.cast(tf.equal(tf.expandDims(ids, -1), tf.range(0, width, 1, 'int32')), 'float32');
}
