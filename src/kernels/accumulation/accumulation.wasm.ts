// Sums of shards on the WASM heap, in place.
import type { Heap } from '../wasm/heap';
import { pairsOf, type accumulationOperation } from './accumulation';

/** @returns the path of `accumulationOperation` on this heap: it returns the sums it was given */
export function accumulationOnWasm({ kernels, at }: Heap): typeof accumulationOperation.definition {
  return {
    forward: (inputs) =>
      pairsOf(inputs).map(([sum, next]) => {
        kernels.addScaled(at(sum), at(next), 1, sum.size);
        return sum;
      }),
  };
}
