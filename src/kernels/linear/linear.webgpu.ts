// Linear layers on WebGPU: the products read their operands as they lie, nothing is transposed.
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Matmul, Product, Term } from '../webgpu/product';
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
/** Of one layer, or of several that read the same input. */
const inputGradient = (layers: number): Product => ({
  name: `LinearInputGradient${layers}`,
  grouping: 'none',
  terms: Array.from({ length: layers }, (_, n): Term => {
    const inner = `uniforms.inner${n}`;
    return {
      left: { buffer: `dy${n}`, line: `at * ${inner}`, step: 'k' },
      right: { buffer: `weight${n}`, line: 'at', step: 'k * uniforms.columns' },
      inner,
    };
  }),
  leftAlong: 'k',
  rightAlong: 'j',
});

/** The products of layers x [N, A] → y_n [N, B_n] with weights [B_n, A]. */
export interface LinearProducts {
  /** x·Wᵀ */
  product(x: Tensor, weight: Tensor): Tensor;
  /** Σ_n dy_n·W_n */
  inputGradient(dys: readonly Tensor[], weights: readonly Tensor[]): Tensor;
  /** dyᵀ·x */
  weightGradient(dy: Tensor, x: Tensor): Tensor;
}

/** One program each, with `matmul`. */
export const linearProducts = (matmul: Matmul): LinearProducts => ({
  product: (x, weight) => {
    const [N, A] = x.shape as [number, number];
    const B = weight.shape[0]!;
    return matmul(forward, { inputs: { x, weight }, shape: [N, B], rows: N, columns: B, inner: A, groups: 1 })[0]!;
  },
  inputGradient: (dys, weights) => {
    const N = dys[0]!.shape[0]!;
    const A = weights[0]!.shape[1]!;
    return matmul(inputGradient(dys.length), {
      inputs: Object.fromEntries([
        ...dys.map((dy, n) => [`dy${n}`, dy] as const),
        ...weights.map((weight, n) => [`weight${n}`, weight] as const),
      ]),
      shape: [N, A],
      rows: N,
      columns: A,
      inner: 0,
      groups: 1,
      ints: Object.fromEntries(weights.map(({ shape }, n) => [`inner${n}`, shape[0]!])),
    })[0]!;
  },
  weightGradient: (dy, x) => {
    const [N, B] = dy.shape as [number, number];
    const A = x.shape[1]!;
    return matmul(weightGradient, { inputs: { dy, x }, shape: [B, A], rows: B, columns: A, inner: N, groups: 1 })[0]!;
  },
});

/** One dispatch forward, one backward. */
export const linearWebGpu = (matmul: Matmul): LinearPath => {
  const products = linearProducts(matmul);
  return {
    forward: ({ x, weight }) => [products.product(x, weight)],
    backward: (dOutputs, { x, weight }) => {
      const dy = dOutputs[0]!;
      return { x: products.inputGradient([dy], [weight]), weight: products.weightGradient(dy, x) };
    },
  };
};
