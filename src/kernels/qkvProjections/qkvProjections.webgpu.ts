// The three projections on WebGPU.
import { linearProducts } from '../linear/linear.webgpu';
import type { Matmul } from '../webgpu/product';
import type { qkvProjectionsOperation } from './qkvProjections';

/** One dispatch forward; backward two, one for the input's gradient and as many weights' as an adapter binds beside it. */
export const qkvProjectionsWebGpu = (matmul: Matmul): typeof qkvProjectionsOperation.definition => {
  const { product, inputGradient, weightGradient } = linearProducts(matmul);
  return {
    forward: ({ x, q, k, v }) => [product(x, q), product(x, k), product(x, v)],
    backward: ([dq, dk, dv], { x, q, k, v }) => ({
      x: inputGradient([dq!, dk!, dv!], [q, k, v]),
      q: weightGradient(dq!, x),
      k: weightGradient(dk!, x),
      v: weightGradient(dv!, x),
    }),
  };
};
