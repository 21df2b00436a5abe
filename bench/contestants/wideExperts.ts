// The strongest way to ask every expert about every token: all experts side by side as one wide SwiGLU whose hidden columns are masked, on
// our own matrix product. A harder opponent than the definition of the operation, which asks them one after the other in tfjs operations.
import * as tf from '@tensorflow/tfjs-core';
import { expertsOperation } from '../../src/kernels/experts/experts';
import { linearOperation } from '../../src/kernels/linear/linear';
import { siluAndSlope } from '../../src/kernels/swiglu/swiglu';

type ExpertsPath = typeof expertsOperation.definition;

/** [E, I, C] as one matrix [E·I, C]. */
const stacked = (matrices: tf.Tensor): tf.Tensor => tf.reshape(matrices, [-1, matrices.shape[2]!]);

/** [E, C, I] as one matrix [C, E·I]. */
const sideBySide = (matrices: tf.Tensor): tf.Tensor => tf.reshape(tf.transpose(matrices, [1, 0, 2]), [matrices.shape[1]!, -1]);

/** What each token gives each expert, [N, E]; 0 where it was not chosen. */
function mixing(weights: tf.Tensor, chosen: tf.Tensor, experts: number): tf.Tensor {
  const [N, K] = weights.shape as [number, number];
  const mixed = new Float32Array(N * experts);
  const values = weights.dataSync();
  for (const [i, expert] of (chosen.dataSync() as Int32Array).entries())
    mixed[Math.floor(i / K) * experts + expert]! += values[i]!;
  return tf.tensor(mixed, [N, experts]);
}

/** Column e repeated for each of expert e's hidden columns: [N, E] → [N, E·I]. */
const spread = (mixed: tf.Tensor, width: number): tf.Tensor =>
  tf.reshape(tf.tile(tf.expandDims(mixed, 2), [1, 1, width]), [mixed.shape[0]!, -1]);

/**
 * y = (m ∘ silu(x·Gᵀ) ∘ (x·Uᵀ))·Dᵀ over all E·I columns at once, m the masked weights; gradients as in a dense SwiGLU,
 * and d m_e = Σ over e's columns of (dy·D) ∘ h. Shapes as in `expertsOperation`.
 */
export function wideExperts(): ExpertsPath {
  const { forward, backward } = linearOperation.pathOn('wasm');
  const linear = (x: tf.Tensor, weight: tf.Tensor): tf.Tensor => forward({ x, weight }, {})[0]!;
  const linearBack = (dy: tf.Tensor, x: tf.Tensor, weight: tf.Tensor) =>
    backward!([dy], { x, weight }, [], {}) as { readonly x: tf.Tensor; readonly weight: tf.Tensor };
  return {
    forward: ({ x, weights, chosen, gate, up, down }) => {
      const [E, I] = gate.shape as [number, number];
      const g = linear(x, stacked(gate)); // [N, E·I]
      const u = linear(x, stacked(up));
      const m = spread(mixing(weights, chosen, E), I);
      const h = tf.mul(tf.mul(siluAndSlope(g).value, u), m);
      return [linear(h, sideBySide(down)), g, u, m];
    },
    backward: ([dy], { x, weights, chosen, gate, up, down }, [, g, u, m]) => {
      const [E, I, C] = gate.shape as [number, number, number];
      const [N, K] = weights.shape as [number, number];
      const { value, slope } = siluAndSlope(g!);
      const h = tf.mul(value, u!);
      const outer = linearBack(dy!, tf.mul(h, m!), sideBySide(down));
      const perExpert = tf.sum(tf.reshape(tf.mul(outer.x, h), [N, E, I]), 2).dataSync();
      const dWeights = Float32Array.from(chosen.dataSync(), (expert, i) => perExpert[Math.floor(i / K) * E + expert]!);
      const dh = tf.mul(outer.x, m!);
      const dGate = linearBack(tf.mul(tf.mul(dh, u!), slope), x, stacked(gate));
      const dUp = linearBack(tf.mul(dh, value), x, stacked(up));
      return {
        x: tf.add(dGate.x, dUp.x),
        weights: tf.tensor(dWeights, [N, K]),
        gate: tf.reshape(dGate.weight, [E, I, C]),
        up: tf.reshape(dUp.weight, [E, I, C]),
        down: tf.transpose(tf.reshape(outer.weight, [C, E, I]), [1, 0, 2]),
      };
    },
  };
}
