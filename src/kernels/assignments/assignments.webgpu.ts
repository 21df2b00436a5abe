// Sorting and counting assignments on WebGPU.
import { run, type Program } from '../webgpu/program';
import { sortRows } from '../webgpu/sortRows';
import type { assignmentsOperation } from './assignments';

type AssignmentsPath = typeof assignmentsOperation.definition;

const totals: Program<Record<never, never>> = {
  name: 'ExpertTotals',
  body: () => `
  let expert = index % uniforms.experts;
  let weighted = index >= uniforms.experts;
  var total = 0.0;
  for (var a = 0; a < uniforms.count; a++) {
    if (chosen[a] == expert) { total += select(1.0, weights[a], weighted); }
  }
  result[index] = total;`,
};

/** One dispatch. */
export const assignmentsWebGpu: AssignmentsPath = {
  forward: ({ chosen, weights }, { experts }) => {
    const { offsets, order, position } = sortRows(chosen, experts);
    const inputs = { chosen, weights };
    const counted = run(totals, { inputs, shape: [2, experts], constants: {}, ints: { experts, count: chosen.size } });
    return [offsets, order, position, counted];
  },
};
