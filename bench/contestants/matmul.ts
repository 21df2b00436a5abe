// Our matrix product alone: the three products of every linear layer of a step, on the same sizes, and nothing else.
import { startBackend } from '../../src/kernels/backends';
import { linearOperation } from '../../src/kernels/linear/linear';
import { dispose, filled, type Tensor } from '../../src/kernels/tensor';
import { linearShapes } from '../arithmetic';
import type { Contestant, ContestantSpec } from './contestant';

interface Product {
  readonly x: Tensor; // [N, A]
  readonly weight: Tensor; // [B, A]
  readonly dy: Tensor; // [N, B]
}

export function createMatmul({ run, backend }: ContestantSpec, wasmPath: string | undefined): Contestant {
  let multiply = (): void => {};
  const timed = () => {
    const begun = performance.now();
    multiply();
    const step = performance.now() - begun;
    return { step, passes: step, parts: null };
  };
  return {
    async start() {
      if (backend !== 'wasm') throw new Error('the matrix product alone is timed on wasm');
      const started = await startBackend(backend, { wasmPath });
      if (!started.ok || started.value.backend !== 'wasm') throw new Error(`no wasm: ${JSON.stringify(started)}`);
      const path = linearOperation.pathOn('wasm');
      if (path === linearOperation.definition) throw new Error('the linear layer has no path of its own');
      const { forward, backward } = path;
      const N = run.train.batchSize * run.train.sequenceLength;
      const products: Product[] = linearShapes(run.model).map(({ inputs, outputs }) => ({
        x: filled([N, inputs], 0.5),
        weight: filled([outputs, inputs], 0.5),
        dy: filled([N, outputs], 0.5),
      }));
      multiply = () => {
        for (const { x, weight, dy } of products) {
          const y = forward({ x, weight }, {});
          const gradients = backward!([dy], { x, weight }, y, {});
          dispose([...y, gradients.x!, gradients.weight!]);
        }
      };
      const { step } = timed();
      for (let done = 0; done < 8; done++) multiply();
      return { losses: [], firstStepMs: step };
    },
    async time(steps) {
      return { times: Array.from({ length: steps }, timed), tensors: null };
    },
  };
}
