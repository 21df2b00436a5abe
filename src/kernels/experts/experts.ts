// The routed experts: each works only on the tokens that were sent to it (the definition, for readers, asks all and masks).
import * as tf from '@tensorflow/tfjs-core';
import type { Assignments } from '../assignments/assignments';
import { oneHot } from '../oneHot';
import { defineOperation } from '../operation';
import { siluAndSlope } from '../swiglu/swiglu';

type Inputs = {
  x: tf.Tensor;
  weights: tf.Tensor;
  chosen: tf.Tensor;
  offsets: tf.Tensor;
  order: tf.Tensor;
  position: tf.Tensor;
  gate: tf.Tensor;
  up: tf.Tensor;
  down: tf.Tensor;
};

const matmul = (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D);
const matrixOf = (stack: tf.Tensor, expert: number) => tf.squeeze(tf.slice(stack, [expert, 0, 0], [1, -1, -1]), [0]);

/** Column e: the weight expert e has for each token, [N, 1]; 0 where it was not chosen. */
function weightOf(expert: number, weights: tf.Tensor, chosen: tf.Tensor, experts: number): tf.Tensor {
  const picks = tf.slice(oneHot(chosen, experts), [0, 0, expert], [-1, -1, 1]);
  return tf.sum(tf.mul(tf.squeeze(picks, [2]), weights), -1, true);
}

/**
 * y = Σ_e m_e·SwiGLU_e(x), m_e [N] the token's weight for expert e. With h_e = silu(x·Gᵀ)·(x·Uᵀ):
 * d m_e = Σ_C dy·(h_e·Dᵀ); dh = m_e·(dy·D); dD = (m_e·dy)ᵀ·h_e; the gate and up gradients as in a dense SwiGLU.
 * Inputs: x [N, C]; weights, chosen [N, K]; the sorted assignments; gate, up [E, I, C], down [E, C, I]. Output [N, C].
 * A fast path may return more tensors that its own backward reads.
 */
export const expertsOperation = defineOperation<Inputs, Record<never, never>>(
  'Experts',
  ['x', 'weights', 'chosen', 'offsets', 'order', 'position', 'gate', 'up', 'down'],
  {
    forward: ({ x, weights, chosen, gate, up, down }) => {
      const E = gate.shape[0]!;
      let y: tf.Tensor = tf.zerosLike(x);
      for (let e = 0; e < E; e++) {
        const g = matmul(x, tf.transpose(matrixOf(gate, e)));
        const u = matmul(x, tf.transpose(matrixOf(up, e)));
        const h = tf.mul(siluAndSlope(g).value, u);
        y = tf.add(y, tf.mul(weightOf(e, weights, chosen, E), matmul(h, tf.transpose(matrixOf(down, e)))));
      }
      return [y];
    },
    backward: ([dy], { x, weights, chosen, gate, up, down }) => {
      const E = gate.shape[0]!;
      let dx: tf.Tensor = tf.zerosLike(x);
      let dWeights: tf.Tensor = tf.zerosLike(weights);
      const dGate: tf.Tensor[] = [];
      const dUp: tf.Tensor[] = [];
      const dDown: tf.Tensor[] = [];
      for (let e = 0; e < E; e++) {
        const g = matmul(x, tf.transpose(matrixOf(gate, e)));
        const u = matmul(x, tf.transpose(matrixOf(up, e)));
        const { value, slope } = siluAndSlope(g);
        const h = tf.mul(value, u);
        const m = weightOf(e, weights, chosen, E);
        const dhUnweighted = matmul(dy!, matrixOf(down, e));
        const dm = tf.sum(tf.mul(dhUnweighted, h), -1, true);
        const picks = tf.squeeze(tf.slice(oneHot(chosen, E), [0, 0, e], [-1, -1, 1]), [2]);
        dWeights = tf.add(dWeights, tf.mul(picks, dm));
        const dh = tf.mul(dhUnweighted, m);
        const dg = tf.mul(tf.mul(dh, u), slope);
        const du = tf.mul(dh, value);
        dx = tf.add(dx, tf.add(matmul(dg, matrixOf(gate, e)), matmul(du, matrixOf(up, e))));
        dGate.push(matmul(tf.transpose(dg), x));
        dUp.push(matmul(tf.transpose(du), x));
        dDown.push(matmul(tf.transpose(tf.mul(dy!, m)), h));
      }
      return { x: dx, weights: dWeights, gate: tf.stack(dGate), up: tf.stack(dUp), down: tf.stack(dDown) };
    },
  },
);

/** The routed experts' matrices, stacked. */
export interface ExpertWeights {
  readonly gate: tf.Tensor; // [E, I, C]
  readonly up: tf.Tensor; // [E, I, C]
  readonly down: tf.Tensor; // [E, C, I]
}

/** @param x [N, C] @param weights [N, K] @param chosen [N, K] int32 @returns the weighted sum of the chosen experts' outputs, [N, C] */
export function runExperts(
  x: tf.Tensor,
  weights: tf.Tensor,
  chosen: tf.Tensor,
  { offsets, order, position }: Omit<Assignments, 'totals'>,
  experts: ExpertWeights,
): tf.Tensor {
  return expertsOperation({ x, weights, chosen, offsets, order, position, ...experts }, {})[0]!;
}
