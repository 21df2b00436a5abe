// The optimizer on WebGPU, in three dispatches however many tensors there are: values and gradients are copied into one vector each, in the
// order the moments have, and the values back. Nothing is read: whether a step counts is decided on the device, by exponent bits.
import * as tf from '@tensorflow/tfjs-core';
import { recordCopies, type Copy } from '../webgpu/device';
import { run, runMany, webGpuVector, type Program } from '../webgpu/program';
import { WORKGROUP } from '../webgpu/text';
import { packingOf, unnamed, type adamWOperation } from './adamW';

/** Enough threads to fill a GPU. */
const SUMMING_THREADS = 2048;
/** Neighbouring threads take neighbouring elements, each thread several. */
const ELEMENTS_A_THREAD = 4;

const partialSquares: Program<Record<never, never>> = {
  name: 'GradientSquares',
  body: () => `
  var sum = 0.0;
  for (var n = index; n < uniforms.count; n += uniforms.threads) { sum += gradient[n] * gradient[n]; }
  result[index] = sum;`,
};

// Comparisons with NaN and ∞ may be optimised away on a GPU; the bits of the exponent may not.
const control: Program<{ clips: boolean }> = {
  name: 'ClipControl',
  threads: 'together',
  declarations: () => `
var<workgroup> totals: array<f32, ${WORKGROUP}>;
fn isFinite(x: f32) -> bool { return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u; }`,
  body: ({ clips }) => `
  var own = 0.0;
  for (var n = index; n < uniforms.sums; n += ${WORKGROUP}) { own += sums[n]; }
  totals[index] = own;
  workgroupBarrier();
  if (index > 0) { return; }
  var total = 0.0;
  for (var n = 0; n < ${WORKGROUP}; n++) { total += totals[n]; }
  var finite = isFinite(total);
  for (var n = 0; n < uniforms.witnesses; n++) { finite = finite && isFinite(witness[n]); }
  let norm = sqrt(total);
  result[0] = norm;
  result[1] = ${clips ? 'min(1.0, uniforms.clip / (norm + 1e-6))' : '1.0'};
  result[2] = select(0.0, 1.0, finite);`,
};

const update: Program<Record<never, never>> = {
  name: 'AdamW',
  body: () => `
  if (control[2] < 0.5) { return; }
  for (var n = index; n < uniforms.count; n += uniforms.threads) {
    let g = gradient[n] * control[1];
    let m = uniforms.beta1 * firstMoment[n] + uniforms.rest1 * g;
    let v = uniforms.beta2 * secondMoment[n] + uniforms.rest2 * g * g;
    firstMoment[n] = m;
    secondMoment[n] = v;
    let direction = (m / uniforms.correction1) / (sqrt(v / uniforms.correction2) + uniforms.epsilon);
    let decay = select(0.0, uniforms.weightDecay, n < uniforms.decaying);
    value[n] -= uniforms.learningRate * (direction + decay * value[n]);
  }`,
};

/** Three dispatches and three copies a tensor. Writes in place and returns the tensors it was given. */
export const adamWWebGpu: typeof adamWOperation.definition = {
  forward: (inputs, { learningRate, beta1, beta2, epsilon, weightDecay, clip, correction1, correction2 }) => {
    const { values, gradients, firstMoment, secondMoment, witness } = unnamed(inputs);
    const { offsets, decaying, size: count } = packingOf(values);
    const value = webGpuVector(count);
    const gradient = webGpuVector(count);
    const into =
      (target: tf.Tensor) =>
      (source: tf.Tensor, n: number): Copy => ({ source, sourceAt: 0, target, targetAt: offsets[n]!, count: source.size });
    recordCopies([...gradients.map(into(gradient)), ...values.map(into(value))]);
    const threads = Math.min(count, SUMMING_THREADS);
    const sums = run(partialSquares, { inputs: { gradient }, shape: [threads], constants: {}, ints: { count } });
    const decision = run(control, {
      inputs: { sums, witness },
      shape: [3],
      constants: { clips: clip > 0 },
      ints: { sums: threads, witnesses: witness.size },
      floats: { clip },
      threads: WORKGROUP,
    });
    runMany(update, {
      inputs: { gradient, control: decision },
      outputs: { value, firstMoment, secondMoment },
      constants: {},
      ints: { count, decaying },
      floats: {
        learningRate,
        beta1,
        rest1: 1 - beta1,
        beta2,
        rest2: 1 - beta2,
        epsilon,
        weightDecay,
        correction1,
        correction2,
      },
      threads: Math.ceil(count / ELEMENTS_A_THREAD),
    });
    recordCopies(values.map((target, n) => ({ source: value, sourceAt: offsets[n]!, target, targetAt: 0, count: target.size })));
    return [decision, firstMoment, secondMoment, ...values];
  },
};
