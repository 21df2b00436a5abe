// A linear layer on WebGPU: the three products read their operands as they lie, nothing is transposed.
import type { Matmul, Product } from '../webgpu/product';
import type { linearOperation } from './linear';

type LinearPath = typeof linearOperation.definition;

const forward: Product = {
  name: 'Linear',
  grouping: 'none',
  terms: [
    {
      left: { buffer: 'x', line: 'at * uniforms.inner', step: 'k' },
      right: { buffer: 'weight', line: 'at * uniforms.inner', step: 'k' },
    },
  ],
  leftAlong: 'k',
  rightAlong: 'k',
};
const inputGradient: Product = {
  name: 'LinearInputGradient',
  grouping: 'none',
  terms: [
    {
      left: { buffer: 'dy', line: 'at * uniforms.inner', step: 'k' },
      right: { buffer: 'weight', line: 'at', step: 'k * uniforms.columns' },
    },
  ],
  leftAlong: 'k',
  rightAlong: 'j',
};
const weightGradient: Product = {
  name: 'LinearWeightGradient',
  grouping: 'none',
  terms: [
    {
      left: { buffer: 'dy', line: 'at', step: 'k * uniforms.rows' },
      right: { buffer: 'x', line: 'at', step: 'k * uniforms.columns' },
    },
  ],
  leftAlong: 'i',
  rightAlong: 'j',
};

/** y = x·Wᵀ, dx = dy·W, dW = dyᵀ·x with `matmul`: one dispatch each. */
export const linearWebGpu = (matmul: Matmul): LinearPath => ({
  forward: ({ x, weight }) => {
    const [N, A] = x.shape as [number, number];
    const B = weight.shape[0]!;
    return [matmul(forward, { inputs: { x, weight }, shape: [N, B], rows: N, columns: B, inner: A, groups: 1 })];
  },
  backward: (dOutputs, { x, weight }) => {
    const dy = dOutputs[0]!;
    const [N, A] = x.shape as [number, number];
    const B = weight.shape[0]!;
    return {
      x: matmul(inputGradient, { inputs: { dy, weight }, shape: [N, A], rows: N, columns: A, inner: B, groups: 1 }),
      weight: matmul(weightGradient, { inputs: { dy, x }, shape: [B, A], rows: B, columns: A, inner: N, groups: 1 }),
    };
  },
});
