// Residual sum and RMSNorm on WebGPU: a thread takes a row.
import * as tf from '@tensorflow/tfjs-core';
import { normWeightGradient } from '../rmsNorm/rmsNorm.webgpu';
import { run, runMany, type Program } from '../webgpu/program';
import type { residualNormOperation } from './residualNorm';

type ResidualNormPath = typeof residualNormOperation.definition;

const addAndNormalise: Program<Record<never, never>> = {
  name: 'ResidualNorm',
  body: () => `
  let row = index * uniforms.width;
  var squares = 0.0;
  for (var c = 0; c < uniforms.width; c++) {
    let value = x[row + c] + y[row + c];
    stream[row + c] = value;
    squares += value * value;
  }
  let r = inverseSqrt(squares / f32(uniforms.width) + uniforms.eps);
  for (var c = 0; c < uniforms.width; c++) { normed[row + c] = stream[row + c] * r * weight[c]; }
  scale[index] = r;`,
};

const streamGradient: Program<Record<never, never>> = {
  name: 'ResidualNormGradient',
  body: () => `
  let row = index * uniforms.width;
  let r = scale[index];
  var projection = 0.0;
  for (var c = 0; c < uniforms.width; c++) { projection += dy[row + c] * weight[c] * x[row + c]; }
  projection *= r * r * r / f32(uniforms.width);
  for (var c = 0; c < uniforms.width; c++) {
    result[row + c] = dStream[row + c] + dy[row + c] * weight[c] * r - x[row + c] * projection;
  }`,
};

/** One dispatch forward, one backward. Saves each row's scale, [N]. */
export const residualNormWebGpu: ResidualNormPath = {
  forward: ({ x, y, weight }, { eps }) => {
    const [N, width] = x.shape as [number, number];
    const { stream, normed, scale } = runMany(addAndNormalise, {
      inputs: { x, y, weight },
      outputs: { stream: { shape: [N, width] }, normed: { shape: [N, width] }, scale: { shape: [N] } },
      constants: {},
      ints: { width },
      floats: { eps },
      threads: N,
    });
    return [stream, normed, scale];
  },
  backward: ([dStream, dNormed], { weight }, outputs) => {
    const [stream, scale] = [outputs[0]!, outputs[2]!];
    const [N, width] = stream.shape as [number, number];
    const dx = run(streamGradient, {
      inputs: { dStream: dStream!, dy: dNormed!, x: stream, weight, scale },
      shape: [N, width],
      constants: {},
      ints: { width },
      threads: N,
    });
    return { x: dx, y: tf.clone(dx), weight: normWeightGradient(dNormed!, stream, scale) };
  },
};
