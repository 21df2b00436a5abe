// The routed experts on WebGPU: rows sorted by expert go through grouped products; nothing is computed for an expert that has no tokens.
import type { Tensor } from '@tensorflow/tfjs-core';
import { activate, siluFunctions } from '../swiglu/swiglu.webgpu';
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
  terms: [{ left: gathered('x', `${tokenOf('at')} * uniforms.inner`), right: matrixRow('weight') }],
  leftAlong: 'k',
  rightAlong: 'k',
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
};
const rowInputGradient: Product = {
  name: 'ExpertRowsGradient',
  grouping: 'rows',
  terms: [
    { left: gathered('dGate', 'at * uniforms.inner'), right: matrixColumn('gate') },
    { left: gathered('dUp', 'at * uniforms.inner'), right: matrixColumn('up') },
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

const weightGradient: Program<Record<never, never>> = {
  name: 'AssignmentWeightGradient',
  body: () => `
  let row = position[index] * uniforms.width;
  var sum = 0.0;
  for (var i = 0; i < uniforms.width; i++) { sum += dHidden[row + i] * h[row + i]; }
  result[index] = sum;`,
};

const activationGradient: Program<{ of: 'gate' | 'up' }> = {
  name: 'ExpertActivationGradient',
  declarations: () => siluFunctions,
  body: ({ of }) => `
  let dh = weights[order[index / uniforms.width]] * dHidden[index];
  result[index] = dh * ${of === 'gate' ? 'up[index] * siluSlope(gate[index])' : 'silu(gate[index])'};`,
};

/** Five dispatches forward, nine backward. Saves the gate and up activations and their product, [N·K, I] each. */
export const expertsWebGpu = (matmul: Matmul): ExpertsPath => ({
  forward: ({ x, weights, offsets, order, position, gate, up, down }) => {
    const [E, I, C] = gate.shape as [number, number, number];
    const [N, K] = weights.shape as [number, number];
    const rows = N * K;
    const project = (weight: Tensor) =>
      matmul(hidden, {
        inputs: { x, weight, offsets, order },
        shape: [rows, I],
        rows,
        columns: I,
        inner: C,
        groups: E,
        ints: { perToken: K },
      });
    const g = project(gate);
    const u = project(up);
    const h = run(activate, { inputs: { gate: g, up: u }, shape: [rows, I], constants: {} });
    const y = matmul(rowOutput, { inputs: { h, down, offsets }, shape: [rows, C], rows, columns: C, inner: I, groups: E });
    const combined = run(combine, {
      inputs: { rows: y, position, weights },
      shape: [N, C],
      constants: { weighted: true },
      ints: { width: C, perToken: K },
    });
    return [combined, g, u, h];
  },
  backward: (dOutputs, { x, weights, offsets, order, position, gate, up, down }, outputs) => {
    const [E, I, C] = gate.shape as [number, number, number];
    const [N, K] = weights.shape as [number, number];
    const rows = N * K;
    const ints = { perToken: K };
    const dy = dOutputs[0]!;
    const [g, u, h] = [outputs[1]!, outputs[2]!, outputs[3]!];
    const dHidden = matmul(hiddenGradient, {
      inputs: { dy, down, offsets, order },
      shape: [rows, I],
      rows,
      columns: I,
      inner: C,
      groups: E,
      ints,
    });
    const activation = { shape: [rows, I], ints: { width: I } };
    const dGate = run(activationGradient, {
      ...activation,
      inputs: { dHidden, weights, order, gate: g, up: u },
      constants: { of: 'gate' },
    });
    const dUp = run(activationGradient, { ...activation, inputs: { dHidden, weights, order, gate: g }, constants: { of: 'up' } });
    const dRows = matmul(rowInputGradient, {
      inputs: { dGate, dUp, gate, up, offsets },
      shape: [rows, C],
      rows,
      columns: C,
      inner: I,
      groups: E,
    });
    const perExpert = (dMatrix: Tensor) =>
      matmul(inputWeightGradient, {
        inputs: { dHidden: dMatrix, x, offsets, order },
        shape: [E, I, C],
        rows: I,
        columns: C,
        inner: 0,
        groups: E,
        ints,
      });
    return {
      x: run(combine, {
        inputs: { rows: dRows, position },
        shape: [N, C],
        constants: { weighted: false },
        ints: { width: C, perToken: K },
      }),
      weights: run(weightGradient, { inputs: { dHidden, h, position }, shape: [N, K], constants: {}, ints: { width: I } }),
      gate: perExpert(dGate),
      up: perExpert(dUp),
      down: matmul(downGradient, {
        inputs: { weights, dy, h, offsets, order },
        shape: [E, C, I],
        rows: C,
        columns: I,
        inner: 0,
        groups: E,
        ints,
      }),
    };
  },
});
