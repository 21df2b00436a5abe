// Sorted assignments and expert totals on the WASM heap.
import { assert } from '../../core/assert';
import type { Heap } from '../wasm/heap';
import type { assignmentsOperation } from './assignments';

const INT_BYTES = 4;

/** @returns the path of `assignmentsOperation` on this heap; it throws on an expert that does not exist */
export function assignmentsOnWasm({ kernels, at, output, work }: Heap): typeof assignmentsOperation.definition {
  return {
    forward: ({ chosen, weights }, { experts }) => {
      const offsets = output([experts + 1], 'int32');
      const order = output([chosen.size], 'int32');
      const position = output([chosen.size], 'int32');
      const totals = output([2, experts]);
      const cursor = work(experts * INT_BYTES);
      const bad = kernels.assignments(at(chosen), at(offsets), at(order), at(position), chosen.size, experts, cursor);
      assert(bad < 0, () => `assignment ${bad} names expert ${chosen.dataSync()[bad]} of ${experts}`);
      kernels.expertTotals(at(chosen), at(weights), at(totals), chosen.size, experts);
      return [offsets, order, position, totals];
    },
  };
}
