// The sequence-wise balance loss on the WASM heap.
import type { Heap } from '../wasm/heap';
import type { sequenceBalanceOperation } from './sequenceBalance';

/** @returns the path of `sequenceBalanceOperation` on this heap */
export function sequenceBalanceOnWasm({ kernels, at, output, work }: Heap): typeof sequenceBalanceOperation.definition {
  return {
    forward: ({ scores }, { sequences: B, expertsPerToken: K }) => {
      const [N, E] = scores.shape as [number, number];
      const losses = output([B]);
      kernels.sequenceBalance(at(scores), at(losses), B, N / B, E, K, work(kernels.sequenceBalanceWork(E, K)));
      return [losses];
    },
    backward: ([dLosses], { scores }, _outputs, { sequences: B, expertsPerToken: K }) => {
      const [N, E] = scores.shape as [number, number];
      const dScores = output([N, E]);
      const space = work(kernels.sequenceBalanceWork(E, K));
      kernels.sequenceBalanceBackward(at(dLosses!), at(scores), at(dScores), B, N / B, E, K, space);
      return { scores: dScores };
    },
  };
}
