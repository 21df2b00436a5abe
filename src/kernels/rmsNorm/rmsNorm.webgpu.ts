// RMSNorm on WebGPU: a thread normalises a row; the weight's gradient is summed over rows in a fixed order.
import { run, type Program } from '../webgpu/program';
import { sumRows } from '../webgpu/sums';
import type { rmsNormOperation } from './rmsNorm';

type RmsNormPath = typeof rmsNormOperation.definition;

const rowScale = `
fn inverseRms(row: i32) -> f32 {
  var squares = 0.0;
  for (var c = 0; c < uniforms.width; c++) {
    let value = x[row + c];
    squares += value * value;
  }
  return inverseSqrt(squares / f32(uniforms.width) + uniforms.eps);
}`;

const normalise: Program<Record<never, never>> = {
  name: 'RmsNorm',
  declarations: () => rowScale,
  body: () => `
  let row = index * uniforms.width;
  let r = inverseRms(row);
  for (var c = 0; c < uniforms.width; c++) { result[row + c] = x[row + c] * r * weight[c]; }`,
};

const inverseRmsRows: Program<Record<never, never>> = {
  name: 'InverseRms',
  declarations: () => rowScale,
  body: () => 'result[index] = inverseRms(index * uniforms.width);',
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

/** One dispatch forward, four backward. */
export const rmsNormWebGpu: RmsNormPath = {
  forward: ({ x, weight }, { eps }) => {
    const [N, width] = x.shape as [number, number];
    return [
      run(normalise, { inputs: { x, weight }, shape: [N, width], constants: {}, ints: { width }, floats: { eps }, threads: N }),
    ];
  },
  backward: (dOutputs, { x, weight }, _outputs, { eps }) => {
    const dy = dOutputs[0]!;
    const [N, width] = x.shape as [number, number];
    const scale = run(inverseRmsRows, { inputs: { x }, shape: [N], constants: {}, ints: { width }, floats: { eps } });
    return {
      x: run(inputGradient, { inputs: { dy, x, weight, scale }, shape: [N, width], constants: {}, ints: { width }, threads: N }),
      weight: sumRows({
        value: 'dy[n * uniforms.columns + c] * x[n * uniforms.columns + c] * scale[n]',
        inputs: { dy, x, scale },
        rows: N,
        columns: width,
      }),
    };
  },
};
