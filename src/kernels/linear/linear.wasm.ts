// The linear layer on the WASM heap: three products of one kernel, read through strides instead of transposes.
import type { Heap } from '../wasm/heap';
import type { linearOperation } from './linear';

/** @returns the path of `linearOperation` on this heap */
export function linearOnWasm({ kernels, at, output, work }: Heap): typeof linearOperation.definition {
  return {
    forward: ({ x, weight }) => {
      const [N, A] = x.shape as [number, number];
      const B = weight.shape[0]!;
      const y = output([N, B]);
      kernels.gemm(at(x), A, 1, at(weight), 1, A, at(y), B, N, B, A, false, work(kernels.gemmWork(B, A)));
      return [y];
    },
    backward: ([dy], { x, weight }) => {
      const [N, A] = x.shape as [number, number];
      const B = weight.shape[0]!;
      const dx = output([N, A]);
      kernels.gemm(at(dy!), B, 1, at(weight), A, 1, at(dx), A, N, A, B, false, work(kernels.gemmWork(A, B)));
      const dWeight = output([B, A]);
      kernels.gemm(at(dy!), 1, B, at(x), A, 1, at(dWeight), A, B, A, N, false, work(kernels.gemmWork(A, N)));
      return { x: dx, weight: dWeight };
    },
  };
}
