// Conformance cases of the optimizer's arithmetic.
import { rngFor } from '../../core/rng';
import { adamWOperation } from '../adamW/adamW';
import { floats, normals, type PlainTensor } from './arrays';
import type { ConformanceCase } from './check';

interface Given {
  readonly shapes: readonly (readonly number[])[];
  /** Spread of the gradients. */
  readonly spread?: number;
  readonly clip?: number;
  readonly step?: number;
  readonly weightDecay?: number;
  readonly witness?: readonly number[];
  /** One number of the first gradient. */
  readonly poison?: number;
}

function adamCase(about: string, given: Given): ConformanceCase {
  const { shapes, spread = 0.3, clip = 1, step = 3, weightDecay = 0.1, witness = [1.5], poison } = given;
  const rng = rngFor(31, 'init', shapes.length);
  const gradients = shapes.map((shape) => normals(rng, shape, spread));
  if (poison !== undefined) (gradients[0]!.values as Float32Array)[0] = poison;
  const size = gradients.reduce((sum, { values }) => sum + values.length, 0);
  const squares = normals(rng, [size], 0.1);
  const listed = (name: string, tensors: readonly PlainTensor[]) => Object.fromEntries(tensors.map((x, n) => [`${name}${n}`, x]));
  return {
    operation: adamWOperation,
    about: `${shapes.map((shape) => `[${shape.join(', ')}]`).join(' ')} ${about}`,
    inputs: {
      ...listed('gradient', gradients),
      ...listed(
        'value',
        shapes.map((shape) => normals(rng, shape, 0.1)),
      ),
      firstMoment: normals(rng, [size], 0.05),
      secondMoment: { shape: [size], values: (squares.values as Float32Array).map((x) => x * x) },
      witness: floats(witness, [witness.length]),
    },
    attributes: {
      learningRate: 0.02,
      beta1: 0.9,
      beta2: 0.95,
      epsilon: 1e-8,
      weightDecay,
      clip,
      correction1: 1 - 0.9 ** step,
      correction2: 1 - 0.95 ** step,
    },
    tolerance: { forward: 1e-6, backward: 0 },
    gradientFrom: [],
  };
}

export const OPTIMIZER_CASES: readonly ConformanceCase[] = [
  adamCase('above the clip, with decay', { shapes: [[6, 7], [13], [3, 4, 5]] }),
  adamCase('below the clip', { shapes: [[6, 7], [5]], spread: 0.01 }),
  adamCase('no clip', { shapes: [[3, 5], [7]], clip: 0 }),
  adamCase('first update, no decay', { shapes: [[13], [2, 2]], step: 1, weightDecay: 0 }),
  adamCase('one number', { shapes: [[1]], step: 10 }),
  adamCase('more tensors than a stage has buffers', { shapes: Array.from({ length: 24 }, (_, n) => [n % 3 === 0 ? 2 : 1, 3]) }),
  adamCase('what decays lies before what does not', { shapes: [[3], [2, 3], [4], [5, 1]], step: 100 }),
  adamCase('many numbers, one of them large', { shapes: [[4099], [3, 700]], spread: 0.01, poison: 300 }),
  adamCase('more tensors than a device binds', { shapes: Array.from({ length: 40 }, (_, n) => (n % 3 ? [n + 1] : [2, n + 1])) }),
  adamCase('an infinite gradient', { shapes: [[5, 3], [4]], poison: Number.POSITIVE_INFINITY }),
  adamCase('minus infinity, unclipped', { shapes: [[5, 3]], poison: Number.NEGATIVE_INFINITY, clip: 0 }),
];
