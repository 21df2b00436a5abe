// The step of the balance bias on the WASM heap.
import type { Heap } from '../wasm/heap';
import { biasesOf, type biasUpdateOperation } from './expertBias';

/** @returns the path of `biasUpdateOperation` on this heap */
export function biasUpdateOnWasm({ kernels, at, output }: Heap): typeof biasUpdateOperation.definition {
  return {
    forward: (inputs, { speed, proportional, recentred }) => {
      const layers = biasesOf(inputs).map(({ totals, bias }) => {
        const [change, next] = [output([bias.size]), output(bias.shape)];
        const places = [at(totals), at(bias), at(inputs['control']!), at(change), at(next)] as const;
        kernels.biasUpdate(...places, bias.size, speed, proportional, recentred);
        return { change, next };
      });
      return [...layers.map(({ change }) => change), ...layers.map(({ next }) => next)];
    },
  };
}
