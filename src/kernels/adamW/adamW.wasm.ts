// The optimizer on the WASM heap.
import type { Heap } from '../wasm/heap';
import type { adamWOperation, clipControlOperation, sumOfSquaresOperation } from './adamW';

const SPARE_BYTES = 64;

/** @returns the path of `sumOfSquaresOperation` on this heap; it adds in double precision */
export function sumOfSquaresOnWasm({ kernels, at, output }: Heap): typeof sumOfSquaresOperation.definition {
  return {
    forward: ({ x }) => {
      const sum = output([1]);
      kernels.sumOfSquares(at(x), at(sum), x.size);
      return [sum];
    },
  };
}

/** @returns the path of `clipControlOperation` on this heap */
export function clipControlOnWasm({ kernels, at, output }: Heap): typeof clipControlOperation.definition {
  return {
    forward: ({ sums }, { clip }) => {
      const control = output([3]);
      kernels.clipControl(at(sums), at(control), sums.size, clip);
      return [control];
    },
  };
}

/** @returns the path of `adamWOperation` on this heap: it writes in place and returns the tensors it was given */
export function adamWOnWasm({ kernels, at, work }: Heap): typeof adamWOperation.definition {
  return {
    forward: ({ value, gradient, firstMoment, secondMoment, control }, attributes) => {
      const { learningRate, beta1, beta2, epsilon, weightDecay, correction1, correction2 } = attributes;
      const tensors = [at(value), at(gradient), at(firstMoment), at(secondMoment), at(control)] as const;
      const rates = [learningRate, beta1, 1 - beta1, beta2, 1 - beta2, epsilon, weightDecay, correction1, correction2] as const;
      kernels.adamW(...tensors, value.size, ...rates, work(SPARE_BYTES));
      return [value, firstMoment, secondMoment];
    },
  };
}
