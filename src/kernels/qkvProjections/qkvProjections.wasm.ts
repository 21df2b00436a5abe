// The three projections on the WASM heap; their input's gradient is added up where it lies.
import type { Heap } from '../wasm/heap';
import { linearKernels } from '../linear/linear.wasm';
import type { qkvProjectionsOperation } from './qkvProjections';

/** @returns the path of `qkvProjectionsOperation` on this heap */
export function qkvProjectionsOnWasm(heap: Heap): typeof qkvProjectionsOperation.definition {
  const { product, addInputGradient, weightGradient } = linearKernels(heap);
  return {
    forward: ({ x, q, k, v }) => [product(x, q), product(x, k), product(x, v)],
    backward: ([dq, dk, dv], { x, q, k, v }) => {
      const dx = heap.output(x.shape);
      addInputGradient(dq!, q, dx, false);
      addInputGradient(dk!, k, dx, true);
      addInputGradient(dv!, v, dx, true);
      return { x: dx, q: weightGradient(dq!, x), k: weightGradient(dk!, x), v: weightGradient(dv!, x) };
    },
  };
}
