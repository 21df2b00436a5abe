// Head norm and rotary positions on the WASM heap.
import type { Heap } from '../wasm/heap';
import type { qkNormRopeOperation } from './qkNormRope';

/** @returns the path of `qkNormRopeOperation` on this heap */
export function qkNormRopeOnWasm({ kernels, at, output }: Heap): typeof qkNormRopeOperation.definition {
  return {
    forward: ({ x, weight, cos, sin }, { eps, normalise }) => {
      const [N, width] = x.shape as [number, number];
      const D = 2 * cos.shape[1]!;
      const y = output(x.shape);
      kernels.qkNormRope(at(x), at(weight), at(cos), at(sin), at(y), N, cos.shape[0]!, width / D, D, eps, normalise);
      return [y];
    },
    backward: ([dy], { x, weight, cos, sin }, _outputs, { eps, normalise }) => {
      const [N, width] = x.shape as [number, number];
      const D = 2 * cos.shape[1]!;
      const dx = output(x.shape);
      const dWeight = output([D]);
      const inputs = [at(dy!), at(x), at(weight), at(cos), at(sin)] as const;
      kernels.qkNormRopeBackward(...inputs, at(dx), at(dWeight), N, cos.shape[0]!, width / D, D, eps, normalise);
      return { x: dx, weight: dWeight };
    },
  };
}
