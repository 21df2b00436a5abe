// The gated MLP on WebGPU: gate and up are one product, and what lies between two products is done where their sums are.
import { linearProducts } from '../linear/linear.webgpu';
import type { Epilogue, Matmul, Product } from '../webgpu/product';
import type { swigluOperation } from './swiglu';

type SwigluPath = typeof swigluOperation.definition;

/** WGSL: silu(x) and its slope, written so that an overflowing exp leaves 0. */
const siluFunctions = `
fn silu(x: f32) -> f32 { return x / (1.0 + exp(-x)); }
fn siluSlope(x: f32) -> f32 {
  let s = 1.0 / (1.0 + exp(-x));
  return s * (1.0 + x * (1.0 - s));
}`;

/** From x·Gᵀ (`sum`) and x·Uᵀ (`other`): both, and h = silu(g)·u. */
export const activate: Epilogue = {
  outputs: ['g', 'u', 'h'],
  functions: siluFunctions,
  store: 'g[place] = sum; u[place] = other; h[place] = silu(sum) * other;',
};
/** From dh: dg = dh·u·silu′(g) and du = dh·silu(g), times `factor`, WGSL. */
export const activateBack = (factor = '1.0'): Epilogue => ({
  outputs: ['dg', 'du'],
  functions: siluFunctions,
  store: `let dh = sum * ${factor}; dg[place] = dh * u[place] * siluSlope(g[place]); du[place] = dh * silu(g[place]);`,
});

const hidden: Product = {
  name: 'SwiGluHidden',
  grouping: 'none',
  terms: [
    {
      left: { buffer: 'x', line: 'at * uniforms.inner', step: 'k' },
      right: { buffer: 'gate', line: 'at * uniforms.inner', step: 'k' },
      beside: { buffer: 'up', line: 'at * uniforms.inner', step: 'k' },
    },
  ],
  leftAlong: 'k',
  rightAlong: 'k',
  epilogue: activate,
};
const hiddenGradient: Product = {
  name: 'SwiGluHiddenGradient',
  grouping: 'none',
  terms: [
    {
      left: { buffer: 'dy', line: 'at * uniforms.inner', step: 'k' },
      right: { buffer: 'down', line: 'at', step: 'k * uniforms.columns' },
    },
  ],
  leftAlong: 'k',
  rightAlong: 'j',
  epilogue: activateBack(),
};

/** Two dispatches forward, two backward. Saves x·Gᵀ, x·Uᵀ and h, [N, I] each. */
export const swigluWebGpu = (matmul: Matmul): SwigluPath => {
  const { product, inputGradient, weightGradient } = linearProducts(matmul);
  return {
    forward: ({ x, gate, up, down }) => {
      const [I, C] = gate.shape as [number, number];
      const N = x.shape[0]!;
      const inputs = { x, gate, up };
      const [g, u, h] = matmul(hidden, { inputs, shape: [N, I], rows: N, columns: I, inner: C, groups: 1 });
      return [product(h!, down), g!, u!, h!];
    },
    backward: (dOutputs, { x, gate, up, down }, outputs) => {
      const dy = dOutputs[0]!;
      const [g, u, h] = [outputs[1]!, outputs[2]!, outputs[3]!];
      const [N, I] = h.shape as [number, number];
      const launch = { shape: [N, I], rows: N, columns: I, inner: dy.shape[1]!, groups: 1 };
      const [dg, du] = matmul(hiddenGradient, { ...launch, inputs: { dy, down, g, u } }) as [typeof dy, typeof dy];
      return {
        x: inputGradient([dg, du], [gate, up]),
        gate: weightGradient(dg, x),
        up: weightGradient(du, x),
        down: weightGradient(dy, h),
      };
    },
  };
};
