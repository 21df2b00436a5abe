// A sublayer's output joins the residual stream, and the stream is normed for the next one.
import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation';
import { inverseRms, rmsNormInputGradient } from '../rmsNorm/rmsNorm';

type Inputs = { x: tf.Tensor; y: tf.Tensor; weight: tf.Tensor };

/**
 * s = x + y; n = w·s·r, r = inverseRms(s). dx = dy = ds + r·w·dn − s·r³·mean(w·dn·s); dw = Σ_n dn·s·r.
 * Inputs: x and y [N, C], weight [C]. Outputs: the stream s [N, C], normed n [N, C].
 */
export const residualNormOperation = defineOperation<Inputs, { eps: number }>(
  'ResidualNorm',
  ['x', 'y', 'weight'],
  {
    forward: ({ x, y, weight }, { eps }) => {
      const stream = tf.add(x, y);
      return [stream, tf.mul(tf.mul(stream, inverseRms(stream, eps)), weight)];
    },
    backward: ([dStream, dNormed], { weight }, [stream], { eps }) => {
      const r = inverseRms(stream!, eps);
      const dx = tf.add(dStream!, rmsNormInputGradient(dNormed!, stream!, weight, r));
      return { x: dx, y: tf.clone(dx), weight: tf.sum(tf.mul(dNormed!, tf.mul(stream!, r)), 0) };
    },
  },
  [0, 1],
);

/** @param x [N, C] @param y [N, C] @param weight [C] @param eps added to the mean square @returns x + y, and its RMSNorm, [N, C] each */
export function residualNorm(
  x: tf.Tensor,
  y: tf.Tensor,
  weight: tf.Tensor,
  eps: number,
): { stream: tf.Tensor; normed: tf.Tensor } {
  const [stream, normed] = residualNormOperation({ x, y, weight }, { eps });
  return { stream: stream!, normed: normed! };
}
