// Embedding on the WASM heap: rows copied forward, added up backward.
import { assert } from '../../core/assert';
import type { Heap } from '../wasm/heap';
import type { embeddingOperation } from './embedding';

/** @returns the path of `embeddingOperation` on this heap; it throws on an id outside the table */
export function embeddingOnWasm({ kernels, at, output }: Heap): typeof embeddingOperation.definition {
  return {
    forward: ({ table, ids }) => {
      const [V, C] = table.shape as [number, number];
      const y = output([ids.size, C]);
      const bad = kernels.embed(at(table), at(ids), at(y), ids.size, V, C);
      assert(bad < 0, () => `id ${ids.dataSync()[bad]} at ${bad} is not in a table of ${V} rows`);
      return [y];
    },
    backward: ([dy], { table, ids }) => {
      const [V, C] = table.shape as [number, number];
      const dTable = output([V, C]);
      kernels.embedBackward(at(dy!), at(ids), at(dTable), ids.size, V, C);
      return { table: dTable };
    },
  };
}
