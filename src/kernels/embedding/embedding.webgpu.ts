// Embedding on WebGPU. The gradient sorts the tokens by id, so that a row of the table is summed by the threads that own it.
import { run, type Program } from '../webgpu/program';
import { sortRows } from '../webgpu/sortRows';
import type { embeddingOperation } from './embedding';

type EmbeddingPath = typeof embeddingOperation.definition;

const gatherRows: Program<Record<never, never>> = {
  name: 'EmbeddingRows',
  body: () => 'result[index] = table[ids[index / uniforms.width] * uniforms.width + index % uniforms.width];',
};

const tableGradient: Program<Record<never, never>> = {
  name: 'EmbeddingGradient',
  body: () => `
  let id = index / uniforms.width;
  let c = index % uniforms.width;
  var sum = 0.0;
  for (var row = offsets[id]; row < offsets[id + 1]; row++) { sum += dy[order[row] * uniforms.width + c]; }
  result[index] = sum;`,
};

/** One dispatch forward, four backward. */
export const embeddingWebGpu: EmbeddingPath = {
  forward: ({ table, ids }) => {
    const width = table.shape[1]!;
    return [run(gatherRows, { inputs: { table, ids }, shape: [ids.size, width], constants: {}, ints: { width } })];
  },
  backward: (dOutputs, { table, ids }) => {
    const [V, width] = table.shape as [number, number];
    const { offsets, order } = sortRows(ids, V);
    return {
      table: run(tableGradient, {
        inputs: { dy: dOutputs[0]!, offsets, order },
        shape: [V, width],
        constants: {},
        ints: { width },
      }),
    };
  },
};
