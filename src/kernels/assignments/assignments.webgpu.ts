// Sorting and counting assignments on WebGPU.
import { run, type Program } from '../webgpu/program';
import { sortRows } from '../webgpu/sortRows';
import type { assignmentsOperation, expertTotalsOperation } from './assignments';

type AssignmentsPath = typeof assignmentsOperation.definition;
type TotalsPath = typeof expertTotalsOperation.definition;

/** Three dispatches. */
export const assignmentsWebGpu: AssignmentsPath = {
  forward: ({ chosen }, { experts }) => {
    const { offsets, order, position } = sortRows(chosen, experts);
    return [offsets, order, position];
  },
};

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

/** One dispatch, one thread a total. */
export const expertTotalsWebGpu: TotalsPath = {
  forward: ({ chosen, weights }, { experts }) => [
    run(totals, { inputs: { chosen, weights }, shape: [2, experts], constants: {}, ints: { experts, count: chosen.size } }),
  ],
};
