// RMSNorm on the WASM heap: a row is read once for its length and once for its result.
import type { Heap } from '../wasm/heap';
import type { rmsNormOperation } from './rmsNorm';

/** @returns the path of `rmsNormOperation` on this heap */
export function rmsNormOnWasm({ kernels, at, output }: Heap): typeof rmsNormOperation.definition {
  return {
    forward: ({ x, weight }, { eps }) => {
      const C = weight.size;
      const y = output(x.shape);
      kernels.rmsNorm(at(x), at(weight), at(y), x.size / C, C, eps);
      return [y];
    },
    backward: ([dy], { x, weight }, _outputs, { eps }) => {
      const C = weight.size;
      const dx = output(x.shape);
      const dWeight = output([C]);
      kernels.rmsNormBackward(at(dy!), at(x), at(weight), at(dx), at(dWeight), x.size / C, C, eps);
      return { x: dx, weight: dWeight };
    },
  };
}
