// The definitions' own gradients against difference quotients, so that the reference itself is held to something.
import * as tf from '@tensorflow/tfjs-core';
import { rngFor } from '../../core/rng';
import { normals, uploadAll, type PlainInputs, type PlainTensor } from './arrays';
import { outputGradients, runDefinition, type ConformanceCase } from './check';

const DEFAULT_STEP = 0.02;
/** Gradients smaller than this in sum are rounding. */
const SMALLEST_SIZE = 0.01;
/** Rounding of one float32, and how often an objective's enters the quotient below, a step apart. */
const ROUNDING = 2 ** -24 * (18 / 12);

/** Σ outputs·dOutputs in double precision: the scalar whose gradient the backward pass computes. */
function objective(testCase: ConformanceCase, inputs: PlainInputs, dOutputs: readonly PlainTensor[]): number {
  return tf.tidy(() => {
    const outputs = testCase.operation.definition.forward(uploadAll(inputs), testCase.attributes);
    let total = 0;
    outputs.forEach((output, index) => {
      const weights = dOutputs[index]!.values;
      output.dataSync().forEach((value: number, place: number) => (total += value * weights[place]!));
    });
    return total as unknown as tf.Scalar; // tidy passes a number through; its type only knows tensors
  }) as unknown as number;
}

/** `inputs` with `name` moved by `distance` along `direction`. */
function moved(inputs: PlainInputs, name: string, direction: PlainTensor, distance: number): PlainInputs {
  const { values, shape } = inputs[name]!;
  return {
    ...inputs,
    [name]: { values: Float32Array.from(values, (value, i) => value + distance * direction.values[i]!), shape },
  };
}

/**
 * How far each gradient of the definition is from the fourth-order central difference along a random direction,
 * as a share of Σ |gradient·direction| (the size of what is summed, so that a sum near zero is no excuse). What the rounding of the outputs
 * alone can make of the quotient is no distance: it is all there is where a loss is constant. Runs on plain cpu.
 */
export async function gradientErrors(testCase: ConformanceCase): Promise<Record<string, number>> {
  const { outputs, gradients } = await runDefinition(testCase);
  const dOutputs = outputGradients(testCase, outputs);
  const h = testCase.step ?? DEFAULT_STEP;
  const terms = outputs.flatMap(({ values }, index) => Array.from(values, (value, i) => value * dOutputs[index]!.values[i]!));
  const rounding = (ROUNDING * terms.reduce((sum, term) => sum + Math.abs(term), 0)) / h;
  const errors: Record<string, number> = {};
  for (const [name, gradient] of Object.entries(gradients)) {
    const direction = normals(rngFor(91, 'sample', name.length), gradient.shape);
    const at = (steps: number) => objective(testCase, moved(testCase.inputs, name, direction, steps * h), dOutputs);
    const quotient = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h);
    let slope = 0;
    let size = 0;
    gradient.values.forEach((value, i) => {
      slope += value * direction.values[i]!;
      size += Math.abs(value * direction.values[i]!);
    });
    errors[name] = Math.max(0, Math.abs(quotient - slope) - rounding) / Math.max(size, SMALLEST_SIZE);
  }
  return errors;
}
