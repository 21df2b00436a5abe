// The optimizer on WebGPU. Nothing is read back: whether a step counts is decided on the device, by the exponent bits of the norm.
import { run, type Program } from '../webgpu/program';
import { sumRows } from '../webgpu/sums';
import type { adamWOperation, clipControlOperation, sumOfSquaresOperation } from './adamW';

type SumOfSquaresPath = typeof sumOfSquaresOperation.definition;
type ClipControlPath = typeof clipControlOperation.definition;
type AdamWPath = typeof adamWOperation.definition;

/** One dispatch up to 16 elements, then two. */
export const sumOfSquaresWebGpu: SumOfSquaresPath = {
  forward: ({ x }) => [sumRows({ value: 'x[n] * x[n]', inputs: { x }, rows: x.size, columns: 1 })],
};

// Comparisons with NaN and ∞ may be optimised away on a GPU; the bits of the exponent may not.
const control: Program<{ clips: boolean }> = {
  name: 'ClipControl',
  declarations: () => 'fn isFinite(x: f32) -> bool { return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u; }',
  body: ({ clips }) => `
  var total = 0.0;
  var finite = true;
  for (var p = 0; p < uniforms.count; p++) {
    total += sums[p];
    finite = finite && isFinite(sums[p]);
  }
  finite = finite && isFinite(total);
  let norm = sqrt(total);
  result[0] = norm;
  result[1] = ${clips ? 'min(1.0, uniforms.clip / (norm + 1e-6))' : '1.0'};
  result[2] = select(0.0, 1.0, finite);`,
};

/** One dispatch. */
export const clipControlWebGpu: ClipControlPath = {
  forward: ({ sums }, { clip }) => [
    run(control, {
      inputs: { sums },
      shape: [3],
      constants: { clips: clip > 0 },
      ints: { count: sums.size },
      floats: { clip },
      threads: 1,
    }),
  ],
};

const movingAverage: Program<{ squared: boolean }> = {
  name: 'AdamMoment',
  body: ({ squared }) => `
  let g = gradient[index] * control[1];
  let next = uniforms.beta * moment[index] + uniforms.rest * g${squared ? ' * g' : ''};
  result[index] = select(moment[index], next, control[2] > 0.5);`,
};

const parameterStep: Program<Record<never, never>> = {
  name: 'AdamWStep',
  body: () => `
  let direction = (firstMoment[index] / uniforms.correction1) / (sqrt(secondMoment[index] / uniforms.correction2) + uniforms.epsilon);
  let next = value[index] - uniforms.learningRate * (direction + uniforms.weightDecay * value[index]);
  result[index] = select(value[index], next, control[2] > 0.5);`,
};

/** Three dispatches: both moments, then the value from them. */
export const adamWWebGpu: AdamWPath = {
  forward: ({ value, gradient, firstMoment, secondMoment, control }, attributes) => {
    const { learningRate, beta1, beta2, epsilon, weightDecay, correction1, correction2 } = attributes;
    const shape = value.shape;
    const average = (moment: typeof value, beta: number, squared: boolean) =>
      run(movingAverage, {
        inputs: { gradient, moment, control },
        shape,
        constants: { squared },
        floats: { beta, rest: 1 - beta },
      });
    const m = average(firstMoment, beta1, false);
    const v = average(secondMoment, beta2, true);
    const floats = { learningRate, epsilon, weightDecay, correction1, correction2 };
    const p = run(parameterStep, { inputs: { value, firstMoment: m, secondMoment: v, control }, shape, constants: {}, floats });
    return [p, m, v];
  },
};
