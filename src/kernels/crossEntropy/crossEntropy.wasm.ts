// Cross entropy on the WASM heap: no one-hot rows, no softmax kept between the passes.
import type { Heap } from '../wasm/heap';
import type { crossEntropyOperation } from './crossEntropy';

const FLOAT_BYTES = 4;

/** @returns the path of `crossEntropyOperation` on this heap */
export function crossEntropyOnWasm({ kernels, at, output, work }: Heap): typeof crossEntropyOperation.definition {
  return {
    forward: ({ logits, targets }) => {
      const [N, V] = logits.shape as [number, number];
      const loss = output([N]);
      const logSumExp = output([N]);
      kernels.crossEntropy(at(logits), at(targets), at(loss), at(logSumExp), work(V * FLOAT_BYTES), N, V);
      return [loss, logSumExp];
    },
    backward: ([dLoss], { logits, targets }, [, logSumExp]) => {
      const [N, V] = logits.shape as [number, number];
      const dLogits = output([N, V]);
      kernels.crossEntropyBackward(at(dLoss!), at(logits), at(targets), at(logSumExp!), at(dLogits), N, V);
      return { logits: dLogits };
    },
  };
}
