// The optimizer's arithmetic: AdamW (arXiv 1711.05101) with clipping by the global norm, over all tensors at once, decided on the device.
import * as tf from '@tensorflow/tfjs-core';
import { defineOperation, type NamedTensors } from '../operation';

export type AdamWAttributes = {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** λ, decoupled, on tensors of rank ≥ 2. */
  weightDecay: number;
  /** Largest norm of the whole gradient; 0: none. */
  clip: number;
  /** 1 − β₁^t and 1 − β₂^t at update t ≥ 1. */
  correction1: number;
  correction2: number;
};

/** Where each tensor lies in a vector of all of them: the decaying ones (rank ≥ 2) first, otherwise in their order. */
export interface Packing {
  /** One a tensor, in elements. */
  readonly offsets: readonly number[];
  /** Elements that decay: all before the first that does not. */
  readonly decaying: number;
  readonly size: number;
}

export function packingOf(values: readonly Pick<tf.Tensor, 'size' | 'rank'>[]): Packing {
  const offsets = values.map(() => 0);
  let size = 0;
  const place = (decays: boolean): number => {
    for (const [n, value] of values.entries()) {
      if (value.rank >= 2 !== decays) continue;
      offsets[n] = size;
      size += value.size;
    }
    return size;
  };
  return { decaying: place(true), size: place(false), offsets };
}

export interface AdamWTensors {
  readonly values: readonly tf.Tensor[];
  /** One a value, of its shape. */
  readonly gradients: readonly tf.Tensor[];
  /** Of all values, [P] as `packingOf` them. */
  readonly firstMoment: tf.Tensor;
  readonly secondMoment: tf.Tensor;
  /** Numbers that must be finite too, any shape. */
  readonly witness: tf.Tensor;
}

/** An operation takes tensors by name: value and gradient of parameter n are `value<n>` and `gradient<n>`. */
export function named({ values, gradients, ...others }: AdamWTensors): NamedTensors {
  const inputs: Record<string, tf.Tensor> = others;
  for (const [n, value] of values.entries()) {
    inputs[`value${n}`] = value;
    inputs[`gradient${n}`] = gradients[n]!;
  }
  return inputs;
}

/** The way back from `named`. */
export function unnamed(inputs: NamedTensors): AdamWTensors {
  const values: tf.Tensor[] = [];
  const gradients: tf.Tensor[] = [];
  for (let n = 0; inputs[`value${n}`]; n++) {
    values.push(inputs[`value${n}`]!);
    gradients.push(inputs[`gradient${n}`]!);
  }
  return {
    values,
    gradients,
    firstMoment: inputs['firstMoment']!,
    secondMoment: inputs['secondMoment']!,
    witness: inputs['witness']!,
  };
}

/** norm ‖g‖ over all gradients; scale min(1, clip / (‖g‖ + 1e-6)), 1 when clip is 0; finite, 1 or 0: [3]. */
function control(gradients: readonly tf.Tensor[], witness: tf.Tensor, clip: number): tf.Tensor {
  const sums = gradients.map((gradient) => tf.sum(tf.square(gradient)));
  // Times zero, a finite number adds nothing to the norm, and ∞ or NaN make it NaN. Stacked: one addition of all would bind more buffers
  // than WebGPU has places for.
  const norm = tf.sqrt(tf.add(tf.sum(tf.stack(sums)), tf.sum(tf.mul(witness, 0))));
  const scale = clip > 0 ? tf.minimum(1, tf.div(clip, tf.add(norm, 1e-6))) : tf.onesLike(norm);
  const finite = tf.cast(tf.equal(tf.sub(norm, norm), 0), 'float32'); // ∞ − ∞ and NaN − NaN are NaN
  return tf.stack([norm, scale, finite]);
}

/** `next` where the step is finite, otherwise `old`. */
function decided(finite: tf.Tensor, next: tf.Tensor, old: tf.Tensor): tf.Tensor {
  const one = tf.reshape(
    finite,
    old.shape.map(() => 1),
  );
  return tf.where(tf.broadcastTo(one, old.shape), next, old);
}

/**
 * With scale from `control`, for each parameter: g = scale·gradient; m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²;
 * p ← p − η·((m/c₁)/(√(v/c₂) + ε) + λp), λ for rank ≥ 2 only. Nothing changes unless norm and witness are finite.
 * Inputs: see `named`. Outputs: control [3], firstMoment, secondMoment, then every value.
 * A fast path may write in place and return the very tensors it was given. No gradient.
 */
export const adamWOperation = defineOperation<NamedTensors, AdamWAttributes>('AdamW', ['witness'], {
  forward: (inputs, { learningRate, beta1, beta2, epsilon, weightDecay, clip, correction1, correction2 }) => {
    const { values, gradients, firstMoment, secondMoment, witness } = unnamed(inputs);
    const { offsets } = packingOf(values);
    const decision = control(gradients, witness, clip);
    const finite = tf.greater(tf.slice(decision, [2], [1]), 0.5);
    const scale = tf.slice(decision, [1], [1]);
    const parts = values.map((value, n) => {
      const own = (moment: tf.Tensor) => tf.reshape(tf.slice(moment, [offsets[n]!], [value.size]), value.shape);
      const g = tf.mul(gradients[n]!, scale);
      const [oldM, oldV] = [own(firstMoment), own(secondMoment)];
      const m = tf.add(tf.mul(oldM, beta1), tf.mul(g, 1 - beta1));
      const v = tf.add(tf.mul(oldV, beta2), tf.mul(tf.square(g), 1 - beta2));
      const direction = tf.div(tf.div(m, correction1), tf.add(tf.sqrt(tf.div(v, correction2)), epsilon));
      const p = tf.sub(value, tf.mul(tf.add(direction, tf.mul(value, value.rank >= 2 ? weightDecay : 0)), learningRate));
      return { p: decided(finite, p, value), m: decided(finite, m, oldM), v: decided(finite, v, oldV) };
    });
    const inOrder = [...offsets.keys()].sort((a, b) => offsets[a]! - offsets[b]!);
    const packed = (part: 'm' | 'v') => tf.concat(inOrder.map((n) => tf.reshape(parts[n]![part], [-1])));
    return [decision, packed('m'), packed('v'), ...parts.map(({ p }) => p)];
  },
});

/** @returns control [3] (norm before clipping, scale, finite), and values and moments after the update: new tensors unless written in place */
export function adamW(
  tensors: AdamWTensors,
  attributes: AdamWAttributes,
): { control: tf.Tensor; firstMoment: tf.Tensor; secondMoment: tf.Tensor; values: tf.Tensor[] } {
  const [decision, firstMoment, secondMoment, ...values] = adamWOperation(named(tensors), attributes);
  return { control: decision!, firstMoment: firstMoment!, secondMoment: secondMoment!, values };
}
