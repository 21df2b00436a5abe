// Conformance cases of the optimizer's arithmetic.
import { rngFor } from '../../core/rng';
import { adamWOperation, clipControlOperation, sumOfSquaresOperation } from '../adamW/adamW';
import { floats, normals, type PlainTensor } from './arrays';
import type { ConformanceCase } from './check';

const NO_GRADIENT = { gradientFrom: [] as number[] };

function sumCase(about: string, x: PlainTensor, mayVanish: readonly string[] = []): ConformanceCase {
  return {
    operation: sumOfSquaresOperation,
    about,
    inputs: { x },
    attributes: {},
    tolerance: { forward: 1e-6, backward: 0 },
    mayVanish,
    ...NO_GRADIENT,
  };
}

function clipCase(about: string, sums: readonly number[], clip: number): ConformanceCase {
  return {
    operation: clipControlOperation,
    about,
    inputs: { sums: floats(sums, [sums.length]) },
    attributes: { clip },
    tolerance: { forward: 1e-6, backward: 0 },
    ...NO_GRADIENT,
  };
}

function adamCase(
  about: string,
  shape: readonly number[],
  control: readonly number[],
  step: number,
  weightDecay: number,
): ConformanceCase {
  const rng = rngFor(31, 'init', shape[0]!);
  const squares = normals(rng, shape, 0.1);
  return {
    operation: adamWOperation,
    about: `[${shape.join(', ')}] ${about}`,
    inputs: {
      value: normals(rng, shape, 0.1),
      gradient: normals(rng, shape, 0.3),
      firstMoment: normals(rng, shape, 0.05),
      secondMoment: { shape, values: (squares.values as Float32Array).map((x) => x * x) },
      control: floats(control, [3]),
    },
    attributes: {
      learningRate: 0.02,
      beta1: 0.9,
      beta2: 0.95,
      epsilon: 1e-8,
      weightDecay,
      correction1: 1 - 0.9 ** step,
      correction2: 1 - 0.95 ** step,
    },
    tolerance: { forward: 1e-6, backward: 0 },
    ...NO_GRADIENT,
  };
}

export const OPTIMIZER_CASES: readonly ConformanceCase[] = [
  sumCase('one number', floats([-3], [1])),
  sumCase('a cube', normals(rngFor(32, 'init'), [3, 5, 7])),
  sumCase('many small and one large', {
    values: Float32Array.from({ length: 4099 }, (_, i) => (i === 17 ? 300 : 0.01)),
    shape: [4099],
  }),
  sumCase('not a number', floats([1, Number.NaN, 2, 3, 4], [5])),
  clipCase('below the clip', [0.01, 0.02, 0.03], 1),
  clipCase('above the clip', [4, 5, 16], 1),
  clipCase('no clip', [4, 5, 16], 0),
  clipCase('one tensor', [9], 0.5),
  clipCase('an infinite gradient', [1, Number.POSITIVE_INFINITY], 1),
  adamCase('with decay', [6, 7], [3.2, 0.3125, 1], 3, 0.1),
  adamCase('first update, no decay', [13], [0.5, 1, 1], 1, 0),
  adamCase('one number', [1], [0.5, 1, 1], 10, 0),
  adamCase('a stack of matrices', [3, 4, 5], [2, 0.5, 1], 100, 0.1),
  adamCase('a step that is not finite', [5, 3], [Number.POSITIVE_INFINITY, 0, 0], 2, 0.1),
];
