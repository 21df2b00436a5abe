// The routed experts on WebGPU: rows sorted by expert go through grouped products; nothing is computed for an expert that has no tokens.
import type { Tensor } from '@tensorflow/tfjs-core';
import { activate, activateBack } from '../swiglu/swiglu.webgpu';
import type { Factor, Matmul, Product } from '../webgpu/product';
import { run, type Program } from '../webgpu/program';
import type { expertsOperation } from './experts';

type ExpertsPath = typeof expertsOperation.definition;

// In all products below a sorted row r belongs to token order[r] / K.
const gathered = (buffer: string, line: string): Factor => ({ buffer, line, step: 'k' });
const tokenOf = (row: string) => `(order[${row}] / uniforms.perToken)`;
/** Row j of expert e's matrix of rows `uniforms.inner` long. */
const matrixRow = (buffer: string): Factor => ({ buffer, line: '(e * uniforms.columns + at) * uniforms.inner', step: 'k' });
/** Column j of expert e's matrix of rows `uniforms.columns` long. */
const matrixColumn = (buffer: string): Factor => ({
  buffer,
  line: 'e * uniforms.inner * uniforms.columns + at',
  step: 'k * uniforms.columns',
});
const hidden: Product = {
  name: 'ExpertHidden',
  grouping: 'rows',
  terms: [{ left: gathered('x', `${tokenOf('at')} * uniforms.inner`), right: matrixRow('gate'), beside: matrixRow('up') }],
  leftAlong: 'k',
  rightAlong: 'k',
  epilogue: activate,
};
const rowOutput: Product = {
  name: 'ExpertRows',
  grouping: 'rows',
  terms: [{ left: gathered('h', 'at * uniforms.inner'), right: matrixRow('down') }],
  leftAlong: 'k',
  rightAlong: 'k',
};
const hiddenGradient: Product = {
  name: 'ExpertHiddenGradient',
  grouping: 'rows',
  terms: [{ left: gathered('dy', `${tokenOf('at')} * uniforms.inner`), right: matrixColumn('down') }],
  leftAlong: 'k',
  rightAlong: 'j',
  epilogue: activateBack('weights[order[i]]'),
};
const rowInputGradient: Product = {
  name: 'ExpertRowsGradient',
  grouping: 'rows',
  terms: [
    { left: gathered('dg', 'at * uniforms.inner'), right: matrixColumn('gate') },
    { left: gathered('du', 'at * uniforms.inner'), right: matrixColumn('up') },
  ],
  leftAlong: 'k',
  rightAlong: 'j',
};
const inputWeightGradient: Product = {
  name: 'ExpertInputWeightGradient',
  grouping: 'inner',
  terms: [
    {
      left: { buffer: 'dHidden', line: 'at', step: 'k * uniforms.rows' },
      right: { buffer: 'x', line: 'at', step: `${tokenOf('k')} * uniforms.columns` },
    },
  ],
  leftAlong: 'i',
  rightAlong: 'j',
};
const downGradient: Product = {
  name: 'ExpertDownGradient',
  grouping: 'inner',
  terms: [
    {
      left: { buffer: 'dy', line: 'at', step: `${tokenOf('k')} * uniforms.rows`, scale: 'weights[order[k]]' },
      right: { buffer: 'h', line: 'at', step: 'k * uniforms.columns' },
    },
  ],
  leftAlong: 'i',
  rightAlong: 'j',
};

/** Σ over a token's assignments of its sorted rows, each times its weight if `weighted`. */
const combine: Program<{ weighted: boolean }> = {
  name: 'CombineRows',
  body: ({ weighted }) => `
  let n = index / uniforms.width;
  let c = index % uniforms.width;
  var sum = 0.0;
  for (var a = n * uniforms.perToken; a < (n + 1) * uniforms.perToken; a++) {
    sum += ${weighted ? 'weights[a] * ' : ''}rows[position[a] * uniforms.width + c];
  }
  result[index] = sum;`,
};

/** d w = dy · the expert's own output. */
const weightGradient: Program<Record<never, never>> = {
  name: 'AssignmentWeightGradient',
  body: () => `
  let row = position[index] * uniforms.width;
  let token = (index / uniforms.perToken) * uniforms.width;
  var sum = 0.0;
  for (var c = 0; c < uniforms.width; c++) { sum += dy[token + c] * rows[row + c]; }
  result[index] = sum;`,
};

/** Three dispatches forward, three or four backward. Saves x·Gᵀ, x·Uᵀ and h, [N·K, I] each, and every expert's own output, [N·K, C]. */
export const expertsWebGpu = (matmul: Matmul): ExpertsPath => ({
  forward: ({ x, weights, offsets, order, position, gate, up, down }) => {
    const [E, I, C] = gate.shape as [number, number, number];
    const [N, K] = weights.shape as [number, number];
    const grouped = { rows: N * K, groups: E, ints: { perToken: K } };
    const [g, u, h] = matmul(hidden, {
      ...grouped,
      inputs: { x, gate, up, offsets, order },
      shape: [N * K, I],
      columns: I,
      inner: C,
    }) as [Tensor, Tensor, Tensor];
    const [rows] = matmul(rowOutput, { ...grouped, inputs: { h, down, offsets }, shape: [N * K, C], columns: C, inner: I });
    const combined = run(combine, {
      inputs: { rows: rows!, position, weights },
      shape: [N, C],
      constants: { weighted: true },
      ints: { width: C, perToken: K },
    });
    return [combined, g, u, h, rows!];
  },
  backward: (dOutputs, { x, weights, offsets, order, position, gate, up, down }, outputs) => {
    const [E, I, C] = gate.shape as [number, number, number];
    const [N, K] = weights.shape as [number, number];
    const dy = dOutputs[0]!;
    const [g, u, h, rows] = [outputs[1]!, outputs[2]!, outputs[3]!, outputs[4]!];
    const grouped = { rows: N * K, groups: E, ints: { perToken: K } };
    const [dg, du] = matmul(hiddenGradient, {
      ...grouped,
      inputs: { dy, down, weights, offsets, order, g, u },
      shape: [N * K, I],
      columns: I,
      inner: C,
    }) as [Tensor, Tensor];
    const [dRows] = matmul(rowInputGradient, {
      ...grouped,
      inputs: { dg, du, gate, up, offsets },
      shape: [N * K, C],
      columns: C,
      inner: I,
    });
    const perExpert = (product: Product, inputs: Record<string, Tensor>, rowsOf: number, columns: number): Tensor =>
      matmul(product, {
        inputs: { ...inputs, offsets, order },
        shape: [E, rowsOf, columns],
        rows: rowsOf,
        columns,
        inner: 0,
        groups: E,
        ints: { perToken: K },
      })[0]!;
    const ints = { width: C, perToken: K };
    return {
      x: run(combine, { inputs: { rows: dRows!, position }, shape: [N, C], constants: { weighted: false }, ints }),
      weights: run(weightGradient, { inputs: { dy, rows, position }, shape: [N, K], constants: {}, ints }),
      gate: perExpert(inputWeightGradient, { dHidden: dg, x }, I, C),
      up: perExpert(inputWeightGradient, { dHidden: du, x }, I, C),
      down: perExpert(downGradient, { weights, dy, h }, C, I),
    };
  },
});
