// The step of the balance bias on the WASM heap.
import type { Heap } from '../wasm/heap';
import type { biasUpdateOperation } from './expertBias';

/** @returns the path of `biasUpdateOperation` on this heap */
export function biasUpdateOnWasm({ kernels, at, output }: Heap): typeof biasUpdateOperation.definition {
  return {
    forward: ({ load }, { speed, proportional, recentred }) => {
      const change = output(load.shape);
      kernels.biasUpdate(at(load), at(change), load.size, speed, proportional, recentred);
      return [change];
    },
  };
}
