// Single numbers read off columns of large tensors: what a step tells besides its gradients.
import * as tf from '@tensorflow/tfjs-core';
import { defineOperation, type Attributes, type NamedTensors } from '../operation';

/** One number of a column of `of`, whose last axis (all of a vector: 1) is `width` long. */
export interface Figure {
  readonly of: tf.Tensor;
  readonly width: number;
  readonly column: number;
  /** Its largest value, or else the sum of its values times `factor`. */
  readonly kind: 'largest' | { readonly factor: number };
}

/** Figure n as attributes, the way back from what `figures` names. */
export function figuresOf(inputs: NamedTensors, attributes: Attributes): Figure[] {
  return Object.values(inputs).map((of, n): Figure => {
    const factor = Number(attributes[`factor${n}`]);
    return {
      of,
      width: Number(attributes[`width${n}`]),
      column: Number(attributes[`column${n}`]),
      kind: attributes[`largest${n}`] ? 'largest' : { factor },
    };
  });
}

/**
 * f_n = factor·Σ_rows x_n[row, column], or max_rows x_n[row, column].
 * Inputs: x0, x1, …, any shape; attributes width<n>, column<n>, largest<n>, factor<n>. Output [number of figures]. No gradient.
 */
export const figuresOperation = defineOperation<NamedTensors, Attributes>('Figures', [], {
  forward: (inputs, attributes) => [
    tf.stack(
      figuresOf(inputs, attributes).map(({ of, width, column, kind }) => {
        const values = tf.slice(tf.reshape(of, [of.size / width, width]), [0, column], [-1, 1]);
        return kind === 'largest' ? tf.max(values) : tf.mul(tf.sum(values), kind.factor);
      }),
    ),
  ],
});

/** @param list at least one @returns one number each, [list.length] */
export function figures(list: readonly Figure[]): tf.Tensor {
  const attributes = list.map(({ width, column, kind }, n) => ({
    [`width${n}`]: width,
    [`column${n}`]: column,
    [`largest${n}`]: kind === 'largest',
    [`factor${n}`]: kind === 'largest' ? 1 : kind.factor,
  }));
  const inputs = Object.fromEntries(list.map(({ of }, n) => [`x${n}`, of]));
  return figuresOperation(inputs, Object.assign({}, ...attributes) as Attributes)[0]!;
}
