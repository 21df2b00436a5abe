// The sequence-wise balance loss on the WASM heap.
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Heap } from '../wasm/heap';
import type { sequenceBalanceOperation } from './sequenceBalance';

const FLOAT_BYTES = 4;

/** @returns the path of `sequenceBalanceOperation` on this heap */
export function sequenceBalanceOnWasm({ kernels, at, output, work }: Heap): typeof sequenceBalanceOperation.definition {
  return {
    forward: (inputs, { sequences: B, expertsPerToken: K }) => {
      const layers = Object.values(inputs);
      const losses = output([layers.length * B]);
      for (const [layer, scores] of layers.entries()) {
        const [N, E] = scores.shape as [number, number];
        const place = at(losses) + FLOAT_BYTES * layer * B;
        kernels.sequenceBalance(at(scores), place, B, N / B, E, K, work(kernels.sequenceBalanceWork(E, K)));
      }
      return [losses];
    },
    backward: ([dLosses], inputs, _outputs, { sequences: B, expertsPerToken: K }) => {
      const gradient = (scores: Tensor, layer: number): Tensor => {
        const [N, E] = scores.shape as [number, number];
        const dScores = output([N, E]);
        const place = at(dLosses!) + FLOAT_BYTES * layer * B;
        kernels.sequenceBalanceBackward(place, at(scores), at(dScores), B, N / B, E, K, work(kernels.sequenceBalanceWork(E, K)));
        return dScores;
      };
      return Object.fromEntries(Object.entries(inputs).map(([name, scores], layer) => [name, gradient(scores, layer)]));
    },
  };
}
