// Two streams become one: the residual of a layer, the shared experts beside the routed ones.
import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation';

/** z = x + y; dx = dy = dz. Inputs and output of one shape. tfjs' own kernel is as fast as any, so no backend has another path. */
export const additionOperation = defineOperation<{ x: tf.Tensor; y: tf.Tensor }, Record<never, never>>('Addition', ['x', 'y'], {
  forward: ({ x, y }) => [tf.add(x, y)],
  backward: ([dz]) => ({ x: tf.clone(dz!), y: tf.clone(dz!) }),
});

/** @param x any shape @param y of the same shape @returns x + y */
export function addition(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  return additionOperation({ x, y }, {})[0]!;
}
