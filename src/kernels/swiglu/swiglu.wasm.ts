// SwiGLU on the WASM heap.
import type { Heap } from '../wasm/heap';
import type { swigluOperation } from './swiglu';

/** @returns the path of `swigluOperation` on this heap */
export function swigluOnWasm({ kernels, at, output }: Heap): typeof swigluOperation.definition {
  return {
    forward: ({ gate, up }) => {
      const h = output(gate.shape);
      kernels.swiglu(at(gate), at(up), at(h), h.size);
      return [h];
    },
    backward: ([dh], { gate, up }) => {
      const dGate = output(gate.shape);
      const dUp = output(up.shape);
      kernels.swigluBackward(at(dh!), at(gate), at(up), at(dGate), at(dUp), gate.size);
      return { gate: dGate, up: dUp };
    },
  };
}
