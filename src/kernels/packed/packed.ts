// Pieces of many tensors laid end to end as one vector of floats: one transfer then reads them all.
import * as tf from '@tensorflow/tfjs-core';
import { defineOperation, type Attributes, type NamedTensors } from '../operation';

/** Elements `start` … `start + count − 1` of a tensor in the order they lie in. */
export interface Piece {
  readonly of: tf.Tensor;
  readonly start: number;
  readonly count: number;
}

/** The way back from what `packed` names. */
export const piecesOf = (inputs: NamedTensors, attributes: Attributes): Piece[] =>
  Object.values(inputs).map((of, n) => ({ of, start: Number(attributes[`start${n}`]), count: Number(attributes[`count${n}`]) }));

/**
 * Inputs: part0, part1, …, any shapes, float32 or int32; attributes start<n> and count<n>. Output [Σ counts] float32. No gradient.
 * Whole numbers become floats of the same value.
 */
export const packedOperation = defineOperation<NamedTensors, Attributes>('Packed', [], {
  forward: (inputs, attributes) => [
    tf.concat(
      piecesOf(inputs, attributes).map(({ of, start, count }) => {
        const flat = tf.reshape(of, [of.size]);
        return tf.cast(count === of.size ? flat : tf.slice(flat, [start], [count]), 'float32');
      }),
    ),
  ],
});

/** @param parts tensors, or pieces of them @returns all their values in their order, [their number] */
export function packed(parts: readonly (tf.Tensor | Piece)[]): tf.Tensor {
  const pieces = parts.map((part) => ('of' in part ? part : { of: part, start: 0, count: part.size }));
  const inputs = Object.fromEntries(pieces.map(({ of }, n) => [`part${n}`, of]));
  const places = pieces.map(({ start, count }, n) => ({ [`start${n}`]: start, [`count${n}`]: count }));
  return packedOperation(inputs, Object.assign({}, ...places) as Attributes)[0]!;
}
