// The balance bias learns without gradients: the bias of a busy expert falls, of an idle one rises (arXiv 2408.15664).
import * as tf from '@tensorflow/tfjs-core';
import { defineOperation, type NamedTensors } from '../operation';

export type BiasUpdateAttributes = { speed: number; proportional: boolean; recentred: boolean };

/** sign(x) by comparison: not every backend has Sign. */
const signOf = (x: tf.Tensor) => tf.sub(tf.cast(tf.greater(x, 0), 'float32'), tf.cast(tf.less(x, 0), 'float32'));

/** One MoE layer's part in an update. */
export interface LayerBias {
  /** Row 0: each expert's assignments in the whole step. */
  readonly totals: tf.Tensor; // [2, E]
  readonly bias: tf.Tensor; // [1, E]
}

/** Layer n's tensors are `totals<n>` and `bias<n>`. */
export const biasesOf = (inputs: NamedTensors): LayerBias[] =>
  Array.from({ length: (Object.keys(inputs).length - 1) / 2 }, (_, n) => ({
    totals: inputs[`totals${n}`]!,
    bias: inputs[`bias${n}`]!,
  }));

/** γ·sign(mean − load), or γ·(mean − load)/mean if `proportional`; less its own mean if `recentred`; times 1 or 0: [E]. */
function changeOf(load: tf.Tensor, finite: tf.Tensor, { speed, proportional, recentred }: BiasUpdateAttributes): tf.Tensor {
  const fairShare = tf.mean(load);
  const shortage = tf.sub(fairShare, load);
  const change = tf.mul(proportional ? tf.div(shortage, fairShare) : signOf(shortage), speed);
  return tf.mul(recentred ? tf.sub(change, tf.mean(change)) : change, finite);
}

/**
 * What a step's load does to the bias of every MoE layer: b ← b + change, see `changeOf`, where the step was finite.
 * Inputs: see `biasesOf`, and control [3] of the optimizer, whose last number is 1 or 0. Outputs: every layer's change [E], then every
 * layer's next bias [1, E]. No gradient.
 */
export const biasUpdateOperation = defineOperation<NamedTensors, BiasUpdateAttributes>('BiasUpdate', ['control'], {
  forward: (inputs, attributes) => {
    const layers = biasesOf(inputs);
    const finite = tf.slice(inputs['control']!, [2], [1]);
    const changes = layers.map(({ totals }) => changeOf(tf.reshape(tf.slice(totals, [0, 0], [1, -1]), [-1]), finite, attributes));
    return [...changes, ...layers.map(({ bias }, n) => tf.add(bias, tf.reshape(changes[n]!, bias.shape)))];
  },
});

/** @param layers at least one @param control [3], see the optimizer @param attributes γ as `speed` @returns each layer's change [E] and next bias [1, E] */
export function biasUpdate(
  layers: readonly LayerBias[],
  control: tf.Tensor,
  attributes: BiasUpdateAttributes,
): { changes: tf.Tensor[]; biases: tf.Tensor[] } {
  const named = layers.flatMap(({ totals, bias }, n) => [[`totals${n}`, totals] as const, [`bias${n}`, bias] as const]);
  const outputs = biasUpdateOperation({ control, ...Object.fromEntries(named) }, attributes);
  return { changes: outputs.slice(0, layers.length), biases: outputs.slice(layers.length) };
}
