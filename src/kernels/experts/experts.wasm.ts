// The routed experts on the WASM heap: an expert's product has as many rows as it has tokens. Gate and up products are kept for the backward pass.
import type { Heap } from '../wasm/heap';
import type { expertsOperation } from './experts';

/** @returns the path of `expertsOperation` on this heap; its outputs 1 and 2 are x·Gᵀ and x·Uᵀ [N·K, I], in sorted order */
export function expertsOnWasm({ kernels, at, output, work }: Heap): typeof expertsOperation.definition {
  return {
    forward: ({ x, weights, offsets, order, position, gate, up, down }) => {
      const [N, K] = weights.shape as [number, number];
      const [E, I, C] = gate.shape as [number, number, number];
      const y = output([N, C]);
      const g = output([N * K, I]);
      const u = output([N * K, I]);
      const routing = [at(x), at(weights), at(offsets), at(order), at(position)] as const;
      const space = work(kernels.expertsWork(N * K, C, I));
      kernels.experts(...routing, at(gate), at(up), at(down), at(y), at(g), at(u), N, K, E, C, I, space);
      return [y, g, u];
    },
    backward: ([dy], { x, weights, offsets, order, position, gate, up, down }, [, g, u]) => {
      const [N, K] = weights.shape as [number, number];
      const [E, I, C] = gate.shape as [number, number, number];
      const gradients = {
        x: output(x.shape),
        weights: output(weights.shape),
        gate: output(gate.shape),
        up: output(up.shape),
        down: output(down.shape),
      };
      const routing = [at(dy!), at(x), at(weights), at(offsets), at(order), at(position)] as const;
      const matrices = [at(gate), at(up), at(down), at(g!), at(u!)] as const;
      const results = [at(gradients.x), at(gradients.weights), at(gradients.gate), at(gradients.up), at(gradients.down)] as const;
      kernels.expertsBackward(...routing, ...matrices, ...results, N, K, E, C, I, work(kernels.expertsWork(N * K, C, I)));
      return gradients;
    },
  };
}
