// Linear layers on the WASM heap: three products of one kernel, read through strides instead of transposes.
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Heap } from '../wasm/heap';
import type { linearOperation } from './linear';

/** The three products of a layer x [N, A] → y [N, B] with weight [B, A]. */
export interface LinearKernels {
  /** x·Wᵀ */
  product(x: Tensor, weight: Tensor): Tensor;
  /** Writes dy·W into dx, or adds it to what stands there. */
  addInputGradient(dy: Tensor, weight: Tensor, dx: Tensor, add: boolean): void;
  /** dyᵀ·x */
  weightGradient(dy: Tensor, x: Tensor): Tensor;
}

export function linearKernels({ kernels, at, output, work }: Heap): LinearKernels {
  return {
    product: (x, weight) => {
      const [N, A] = x.shape as [number, number];
      const B = weight.shape[0]!;
      const y = output([N, B]);
      kernels.gemm(at(x), A, 1, at(weight), 1, A, at(y), B, N, B, A, false, work(kernels.gemmWork(B, A)));
      return y;
    },
    addInputGradient: (dy, weight, dx, add) => {
      const [N, B] = dy.shape as [number, number];
      const A = weight.shape[1]!;
      kernels.gemm(at(dy), B, 1, at(weight), A, 1, at(dx), A, N, A, B, add, work(kernels.gemmWork(A, B)));
    },
    weightGradient: (dy, x) => {
      const [N, B] = dy.shape as [number, number];
      const A = x.shape[1]!;
      const dWeight = output([B, A]);
      kernels.gemm(at(dy), 1, B, at(x), A, 1, at(dWeight), A, B, A, N, false, work(kernels.gemmWork(A, N)));
      return dWeight;
    },
  };
}

/** @returns the path of `linearOperation` on this heap */
export function linearOnWasm(heap: Heap): typeof linearOperation.definition {
  const { product, addInputGradient, weightGradient } = linearKernels(heap);
  return {
    forward: ({ x, weight }) => [product(x, weight)],
    backward: ([dy], { x, weight }) => {
      const dx = heap.output(x.shape);
      addInputGradient(dy!, weight, dx, false);
      return { x: dx, weight: weightGradient(dy!, x) };
    },
  };
}
