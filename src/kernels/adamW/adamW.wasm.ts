// The optimizer on the WASM heap, tensor after tensor and in place.
import * as tf from '@tensorflow/tfjs-core';
import type { Heap } from '../wasm/heap';
import { packingOf, unnamed, type adamWOperation } from './adamW';

const SPARE_BYTES = 64;
const FLOAT_BYTES = 4;

/** @returns the path of `adamWOperation` on this heap: it adds in double precision, writes in place and returns the tensors it was given */
export function adamWOnWasm({ kernels, at, output, work }: Heap): typeof adamWOperation.definition {
  return {
    forward: (inputs, { learningRate, beta1, beta2, epsilon, weightDecay, clip, correction1, correction2 }) => {
      const { values, gradients, firstMoment, secondMoment, witness } = unnamed(inputs);
      const { offsets } = packingOf(values);
      const doubt = tf.mul(witness, 0);
      const sums = output([gradients.length + 1]);
      const control = output([3]);
      for (const [n, x] of [...gradients, doubt].entries()) {
        kernels.sumOfSquares(at(x), at(sums) + FLOAT_BYTES * n, x.size);
      }
      kernels.clipControl(at(sums), at(control), sums.size, clip);
      for (const [n, value] of values.entries()) {
        const own = (moment: tf.Tensor) => at(moment) + FLOAT_BYTES * offsets[n]!;
        const addresses = [at(value), at(gradients[n]!), own(firstMoment), own(secondMoment), at(control)] as const;
        const decay = value.rank >= 2 ? weightDecay : 0;
        const rates = [learningRate, beta1, 1 - beta1, beta2, 1 - beta2, epsilon, decay, correction1, correction2] as const;
        kernels.adamW(...addresses, value.size, ...rates, work(SPARE_BYTES));
      }
      return [control, firstMoment, secondMoment, ...values];
    },
  };
}
