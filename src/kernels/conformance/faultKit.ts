// Ways to plant a fault in a path: in what it is given, in an output, in its gradients.
import * as tf from '@tensorflow/tfjs-core';
import type { Attributes, NamedTensors } from '../operation';
import type { AnyPath, ConformanceCase } from './check';

type Tensor = tf.Tensor;
type Gradients = Partial<Record<string, Tensor>>;

export interface Fault {
  readonly name: string;
  readonly testCase: ConformanceCase;
  /** The path with the fault in it. */
  readonly plant: (path: AnyPath) => AnyPath;
}

/** The fault changes what goes in. */
export const givenWrongly =
  (change: (inputs: NamedTensors, attributes: Attributes) => { inputs?: NamedTensors; attributes?: Attributes }) =>
  (path: AnyPath): AnyPath => ({
    forward: (inputs, attributes) => {
      const wrong = change(inputs, attributes);
      return path.forward(wrong.inputs ?? inputs, wrong.attributes ?? attributes);
    },
    backward: path.backward?.bind(path),
  });

/** The fault changes one output; the backward pass sees the right ones. */
export const outputWrong =
  (index: number, change: (output: Tensor, inputs: NamedTensors, outputs: readonly Tensor[]) => Tensor) =>
  (path: AnyPath): AnyPath => ({
    forward: (inputs, attributes) => {
      const outputs = path.forward(inputs, attributes);
      return outputs.map((output, i) => (i === index ? change(output, inputs, outputs) : output));
    },
    backward: path.backward?.bind(path),
  });

/** The fault changes the gradients. */
export const gradientWrong =
  (change: (gradients: Gradients, dOutputs: readonly Tensor[], inputs: NamedTensors) => Gradients) =>
  (path: AnyPath): AnyPath => ({
    forward: path.forward.bind(path),
    backward: (dOutputs, inputs, outputs, attributes) => {
      const right = path.backward!(dOutputs, inputs, outputs, attributes) as Gradients;
      return { ...right, ...change(right, dOutputs, inputs) } as Record<string, Tensor>;
    },
  });

export const matmul = (a: Tensor, b: Tensor) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D);
export const rowsOf = (x: Tensor, first: number, count: number) => tf.slice(x, [first], [count]);

export function withoutLastRow(x: Tensor): Tensor {
  const rows = x.shape[0]!;
  return tf.concat([rowsOf(x, 0, rows - 1), tf.zerosLike(rowsOf(x, rows - 1, 1))]);
}

export function firstTwoSwapped(x: Tensor): Tensor {
  return tf.concat([rowsOf(x, 1, 1), rowsOf(x, 0, 1), rowsOf(x, 2, x.shape[0]! - 2)]);
}
