// Figures on the WASM heap, added up in double precision.
import type { Heap } from '../wasm/heap';
import { figuresOf, type figuresOperation } from './figures';

const FLOAT_BYTES = 4;

/** @returns the path of `figuresOperation` on this heap */
export function figuresOnWasm({ kernels, at, output }: Heap): typeof figuresOperation.definition {
  return {
    forward: (inputs, attributes) => {
      const list = figuresOf(inputs, attributes);
      const told = output([list.length]);
      for (const [n, { of, width, column, kind }] of list.entries()) {
        const [largest, factor] = kind === 'largest' ? [true, 1] : [false, kind.factor];
        kernels.columnFigure(at(of), at(told) + FLOAT_BYTES * n, of.size / width, width, column, factor, largest);
      }
      return [told];
    },
  };
}
