// Residual sum and RMSNorm on the WASM heap, row by row.
import * as tf from '@tensorflow/tfjs-core';
import type { Heap } from '../wasm/heap';
import type { residualNormOperation } from './residualNorm';

/** @returns the path of `residualNormOperation` on this heap */
export function residualNormOnWasm({ kernels, at, output }: Heap): typeof residualNormOperation.definition {
  return {
    forward: ({ x, y, weight }, { eps }) => {
      const C = weight.size;
      const [stream, normed] = [output(x.shape), output(x.shape)];
      kernels.residualNorm(at(x), at(y), at(weight), at(stream), at(normed), x.size / C, C, eps);
      return [stream, normed];
    },
    backward: ([dStream, dNormed], { weight }, [stream], { eps }) => {
      const C = weight.size;
      const [dx, dWeight] = [output(stream!.shape), output([C])];
      const given = [at(dStream!), at(dNormed!), at(stream!), at(weight)] as const;
      kernels.residualNormBackward(...given, at(dx), at(dWeight), dx.size / C, C, eps);
      return { x: dx, y: tf.clone(dx), weight: dWeight };
    },
  };
}
