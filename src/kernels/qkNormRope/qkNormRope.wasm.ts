// Head norm and rotary positions on the WASM heap.
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Heap } from '../wasm/heap';
import type { qkNormRopeOperation } from './qkNormRope';

/** @returns the path of `qkNormRopeOperation` on this heap */
export function qkNormRopeOnWasm({ kernels, at, output }: Heap): typeof qkNormRopeOperation.definition {
  return {
    forward: ({ q, k, qWeight, kWeight, cos, sin }, { eps, normalise }) => {
      const D = 2 * cos.shape[1]!;
      const turned = (x: Tensor, weight: Tensor): Tensor => {
        const [N, width] = x.shape as [number, number];
        const y = output(x.shape);
        kernels.qkNormRope(at(x), at(weight), at(cos), at(sin), at(y), N, cos.shape[0]!, width / D, D, eps, normalise);
        return y;
      };
      return [turned(q, qWeight), turned(k, kWeight)];
    },
    backward: ([dq, dk], { q, k, qWeight, kWeight, cos, sin }, _outputs, { eps, normalise }) => {
      const D = 2 * cos.shape[1]!;
      const turnedBack = (dy: Tensor, x: Tensor, weight: Tensor) => {
        const [N, width] = x.shape as [number, number];
        const [dx, dWeight] = [output(x.shape), output([D])];
        const inputs = [at(dy), at(x), at(weight), at(cos), at(sin)] as const;
        kernels.qkNormRopeBackward(...inputs, at(dx), at(dWeight), N, cos.shape[0]!, width / D, D, eps, normalise);
        return { dx, dWeight };
      };
      const ofQ = turnedBack(dq!, q, qWeight);
      const ofK = turnedBack(dk!, k, kWeight);
      return { q: ofQ.dx, k: ofK.dx, qWeight: ofQ.dWeight, kWeight: ofK.dWeight };
    },
  };
}
