// SwiGLU on WebGPU, element by element.
import { run, type Program } from '../webgpu/program';
import type { swigluOperation } from './swiglu';

type SwigluPath = typeof swigluOperation.definition;

/** WGSL: silu(x) and its slope, written so that an overflowing exp leaves 0. */
export const siluFunctions = `
fn silu(x: f32) -> f32 { return x / (1.0 + exp(-x)); }
fn siluSlope(x: f32) -> f32 {
  let s = 1.0 / (1.0 + exp(-x));
  return s * (1.0 + x * (1.0 - s));
}`;

/** h = silu(g)·u, one dispatch. */
export const activate: Program<Record<never, never>> = {
  name: 'SwiGlu',
  declarations: () => siluFunctions,
  body: () => 'result[index] = silu(gate[index]) * up[index];',
};
const gateGradient: Program<Record<never, never>> = {
  name: 'SwiGluGateGradient',
  declarations: () => siluFunctions,
  body: () => 'result[index] = dh[index] * up[index] * siluSlope(gate[index]);',
};
const upGradient: Program<Record<never, never>> = {
  name: 'SwiGluUpGradient',
  declarations: () => siluFunctions,
  body: () => 'result[index] = dh[index] * silu(gate[index]);',
};

/** One dispatch forward, two backward. */
export const swigluWebGpu: SwigluPath = {
  forward: ({ gate, up }) => [run(activate, { inputs: { gate, up }, shape: gate.shape, constants: {} })],
  backward: (dOutputs, { gate, up }) => {
    const dh = dOutputs[0]!;
    return {
      gate: run(gateGradient, { inputs: { dh, gate, up }, shape: gate.shape, constants: {} }),
      up: run(upGradient, { inputs: { dh, gate }, shape: gate.shape, constants: {} }),
    };
  },
};
