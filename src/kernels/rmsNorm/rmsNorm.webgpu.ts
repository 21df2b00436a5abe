// RMSNorm on WebGPU: a thread normalises a row and keeps its scale, from which the way back finds row and weight gradients side by side.
import type { Tensor } from '@tensorflow/tfjs-core';
import { run, runMany, type Program } from '../webgpu/program';
import { sumRows } from '../webgpu/sums';
import type { rmsNormOperation } from './rmsNorm';

type RmsNormPath = typeof rmsNormOperation.definition;

const normalise: Program<Record<never, never>> = {
  name: 'RmsNorm',
  body: () => `
  let row = index * uniforms.width;
  var squares = 0.0;
  for (var c = 0; c < uniforms.width; c++) { squares += x[row + c] * x[row + c]; }
  let r = inverseSqrt(squares / f32(uniforms.width) + uniforms.eps);
  for (var c = 0; c < uniforms.width; c++) { normed[row + c] = x[row + c] * r * weight[c]; }
  scale[index] = r;`,
};

const inputGradient: Program<Record<never, never>> = {
  name: 'RmsNormInputGradient',
  body: () => `
  let row = index * uniforms.width;
  let r = scale[index];
  var projection = 0.0;
  for (var c = 0; c < uniforms.width; c++) { projection += dy[row + c] * weight[c] * x[row + c]; }
  projection *= r * r * r / f32(uniforms.width);
  for (var c = 0; c < uniforms.width; c++) { result[row + c] = dy[row + c] * weight[c] * r - x[row + c] * projection; }`,
};

/** Σ_n dy·x·scale. @param dy [N, C] @param x [N, C] @param scale [N] @returns [C] */
export const normWeightGradient = (dy: Tensor, x: Tensor, scale: Tensor): Tensor =>
  sumRows({
    value: 'dy[n * uniforms.columns + c] * x[n * uniforms.columns + c] * scale[n]',
    inputs: { dy, x, scale },
    rows: x.shape[0]!,
    columns: x.shape[1]!,
  });

/** One dispatch forward, one backward. Saves each row's scale, [N]. */
export const rmsNormWebGpu: RmsNormPath = {
  forward: ({ x, weight }, { eps }) => {
    const [N, width] = x.shape as [number, number];
    const { normed, scale } = runMany(normalise, {
      inputs: { x, weight },
      outputs: { normed: { shape: [N, width] }, scale: { shape: [N] } },
      constants: {},
      ints: { width },
      floats: { eps },
      threads: N,
    });
    return [normed, scale];
  },
  backward: (dOutputs, { x, weight }, outputs) => {
    const dy = dOutputs[0]!;
    const scale = outputs[1]!;
    const [N, width] = x.shape as [number, number];
    return {
      x: run(inputGradient, { inputs: { dy, x, weight, scale }, shape: [N, width], constants: {}, ints: { width }, threads: N }),
      weight: normWeightGradient(dy, x, scale),
    };
  },
};
