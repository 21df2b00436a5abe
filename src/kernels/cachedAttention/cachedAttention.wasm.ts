// Attention over a cache on the WASM heap: new rows are written in place, weights and cache are read where they lie.
import type { Heap } from '../wasm/heap';
import type { cachedAttentionOperation } from './cachedAttention';

/** @returns the path of `cachedAttentionOperation` on this heap: it writes into the cache and returns the tensor it was given */
export function cachedAttentionOnWasm({ kernels, at, output, work }: Heap): typeof cachedAttentionOperation.definition {
  return {
    forward: ({ q, k, v, cache }, { start, heads, keyValueHeads }) => {
      const [n, width] = q.shape as [number, number];
      const D = width / heads;
      const o = output(q.shape);
      const space = work(kernels.cachedAttentionWork(n, start, heads, D));
      kernels.cachedAttention(at(q), at(k), at(v), at(cache), at(o), n, start, heads, keyValueHeads, D, space);
      return [o, cache];
    },
  };
}
