// The optimizer's arithmetic: AdamW (arXiv 1711.05101) with clipping by the global norm, decided on the device.
import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation';

/** Σ x². Input: x, any shape. Output [1]. No gradient. */
export const sumOfSquaresOperation = defineOperation<{ x: tf.Tensor }, Record<never, never>>('SumOfSquares', ['x'], {
  forward: ({ x }) => [tf.reshape(tf.sum(tf.square(x)), [1])],
});

/**
 * What the whole gradient decides for every tensor. Input: sums [P], Σ g² of each tensor, added in their order.
 * Output control [3]: norm ‖g‖; scale min(1, clip / (‖g‖ + 1e-6)), 1 when clip is 0; finite, 1 or 0. No gradient.
 */
export const clipControlOperation = defineOperation<{ sums: tf.Tensor }, { clip: number }>('ClipControl', ['sums'], {
  forward: ({ sums }, { clip }) => {
    const norm = tf.sqrt(tf.sum(sums));
    const scale = clip > 0 ? tf.minimum(1, tf.div(clip, tf.add(norm, 1e-6))) : tf.onesLike(norm);
    const finite = tf.cast(tf.equal(tf.sub(norm, norm), 0), 'float32'); // ∞ − ∞ and NaN − NaN are NaN
    return [tf.stack([norm, scale, finite])];
  },
});

export type AdamInputs = {
  value: tf.Tensor;
  gradient: tf.Tensor;
  firstMoment: tf.Tensor;
  secondMoment: tf.Tensor;
  control: tf.Tensor;
};
export type AdamAttributes = {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** λ, decoupled; 0 for tensors of rank < 2. */
  weightDecay: number;
  /** 1 − β₁^t and 1 − β₂^t at update t ≥ 1. */
  correction1: number;
  correction2: number;
};

/**
 * g = scale·gradient; m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; p ← p − η·((m/c₁)/(√(v/c₂) + ε) + λp); nothing changes unless control says finite.
 * Inputs: value, gradient, firstMoment, secondMoment of one shape; control [3] of `clipControlOperation`. Outputs: value, firstMoment, secondMoment.
 * A fast path may write in place and return the very tensors it was given. No gradient.
 */
export const adamWOperation = defineOperation<AdamInputs, AdamAttributes>(
  'AdamW',
  ['value', 'gradient', 'firstMoment', 'secondMoment', 'control'],
  {
    forward: ({ value, gradient, firstMoment, secondMoment, control }, attributes) => {
      const { learningRate, beta1, beta2, epsilon, weightDecay, correction1, correction2 } = attributes;
      const finite = tf.greater(tf.slice(control, [2], [1]), 0.5);
      const g = tf.mul(gradient, tf.slice(control, [1], [1]));
      const m = tf.add(tf.mul(firstMoment, beta1), tf.mul(g, 1 - beta1));
      const v = tf.add(tf.mul(secondMoment, beta2), tf.mul(tf.square(g), 1 - beta2));
      const direction = tf.div(tf.div(m, correction1), tf.add(tf.sqrt(tf.div(v, correction2)), epsilon));
      const p = tf.sub(value, tf.mul(tf.add(direction, tf.mul(value, weightDecay)), learningRate));
      const decide = (next: tf.Tensor, old: tf.Tensor) =>
        tf.where(
          tf.broadcastTo(
            tf.reshape(
              finite,
              old.shape.map(() => 1),
            ),
            old.shape,
          ),
          next,
          old,
        );
      return [decide(p, value), decide(m, firstMoment), decide(v, secondMoment)];
    },
  },
);
