// Packing on the WASM heap: floats are copied, whole numbers turned into floats on the way.
import type { Heap } from '../wasm/heap';
import { piecesOf, type packedOperation } from './packed';

const BYTES = 4;

/** @returns the path of `packedOperation` on this heap */
export function packedOnWasm({ kernels, at, output }: Heap): typeof packedOperation.definition {
  return {
    forward: (inputs, attributes) => {
      const pieces = piecesOf(inputs, attributes);
      const all = output([pieces.reduce((sum, { count }) => sum + count, 0)]);
      let to = at(all);
      for (const { of, start, count } of pieces) {
        const copy = of.dtype === 'float32' ? kernels.copyFloats : kernels.copyWholes;
        copy(at(of) + BYTES * start, to, count);
        to += BYTES * count;
      }
      return [all];
    },
  };
}
