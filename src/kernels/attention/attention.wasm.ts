// Causal attention on the WASM heap: blocks of query rows, nothing of size T × T.
import type { Heap } from '../wasm/heap';
import type { AttentionAttributes, attentionOperation } from './attention';

/** B, T, D from the shapes. */
function sizes(q: { shape: number[] }, { sequences, heads }: AttentionAttributes) {
  return { T: q.shape[0]! / sequences, D: q.shape[1]! / heads };
}

/** @returns the path of `attentionOperation` on this heap */
export function attentionOnWasm({ kernels, at, output, work }: Heap): typeof attentionOperation.definition {
  return {
    forward: ({ q, k, v }, attributes) => {
      const { sequences, heads, keyValueHeads } = attributes;
      const { T, D } = sizes(q, attributes);
      const o = output(q.shape);
      const statistics = output([q.shape[0]!, heads, 2]);
      const space = work(kernels.attentionWork(T, D));
      kernels.attention(at(q), at(k), at(v), at(o), at(statistics), sequences, T, heads, keyValueHeads, D, space);
      return [o, statistics];
    },
    backward: ([dO], { q, k, v }, [o, statistics], attributes) => {
      const { sequences, heads, keyValueHeads } = attributes;
      const { T, D } = sizes(q, attributes);
      const [dq, dk, dv] = [output(q.shape), output(k.shape), output(v.shape)] as const;
      const saved = [at(dO!), at(q), at(k), at(v), at(o!), at(statistics!)] as const;
      const space = work(kernels.attentionWork(T, D));
      kernels.attentionBackward(...saved, at(dq), at(dk), at(dv), sequences, T, heads, keyValueHeads, D, space);
      return { q: dq, k: dk, v: dv };
    },
  };
}
