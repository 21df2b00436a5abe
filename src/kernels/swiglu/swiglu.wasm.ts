// The gated MLP on the WASM heap. Both halves of the hidden layer and their product are kept for the way back.
import type { Heap } from '../wasm/heap';
import { linearKernels } from '../linear/linear.wasm';
import type { swigluOperation } from './swiglu';

/** @returns the path of `swigluOperation` on this heap; its outputs 1 to 3 are x·Gᵀ, x·Uᵀ and h [N, I] */
export function swigluOnWasm(heap: Heap): typeof swigluOperation.definition {
  const { kernels, at, output } = heap;
  const { product, addInputGradient, weightGradient } = linearKernels(heap);
  return {
    forward: ({ x, gate, up, down }) => {
      const g = product(x, gate);
      const u = product(x, up);
      const h = output(g.shape);
      kernels.swiglu(at(g), at(u), at(h), h.size);
      return [product(h, down), g, u, h];
    },
    backward: ([dy], { x, gate, up, down }, [, g, u, h]) => {
      const dGate = output(h!.shape);
      const dUp = output(h!.shape);
      addInputGradient(dy!, down, dGate, false);
      kernels.swigluBackward(at(dGate), at(g!), at(u!), at(dGate), at(dUp), dGate.size);
      const dx = output(x.shape);
      addInputGradient(dGate, gate, dx, false);
      addInputGradient(dUp, up, dx, true);
      return { x: dx, gate: weightGradient(dGate, x), up: weightGradient(dUp, x), down: weightGradient(dy!, h!) };
    },
  };
}
