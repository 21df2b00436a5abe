// The sequence-wise balance loss on WebGPU. The frequencies are kept for the backward pass.
import * as tf from '@tensorflow/tfjs-core';
import { selectionFunctions, type Selection } from '../router/selection.webgpu';
import { run, type Program } from '../webgpu/program';
import { sumRows } from '../webgpu/sums';
import type { sequenceBalanceOperation } from './sequenceBalance';

type SequenceBalancePath = typeof sequenceBalanceOperation.definition;

const frequencies: Program<Selection> = {
  name: 'SequenceFrequencies',
  declarations: selectionFunctions,
  body: () => `
  let expert = index % uniforms.experts;
  let first = (index / uniforms.experts) * uniforms.positions;
  var picks = 0;
  for (var n = first; n < first + uniforms.positions; n++) {
    if (rankOf(n, expert, false) < uniforms.chosenCount) { picks++; }
  }
  result[index] = f32(picks) * f32(uniforms.experts) / f32(uniforms.chosenCount * uniforms.positions);`,
};

/** Declares `frequency(n, e)` and `totals(n)`: (Σ_j s_nj, Σ_j f_j·s_nj). */
const tokenFunctions = `
fn frequency(n: i32, e: i32) -> f32 { return often[(n / uniforms.positions) * uniforms.experts + e]; }
fn totals(n: i32) -> vec2<f32> {
  var sum = vec2<f32>(0.0);
  for (var e = 0; e < uniforms.experts; e++) {
    let s = scores[n * uniforms.experts + e];
    sum += vec2<f32>(s, s * frequency(n, e));
  }
  return sum;
}`;

const gradient: Program<Record<never, never>> = {
  name: 'SequenceBalanceGradient',
  declarations: () => tokenFunctions,
  body: () => `
  let total = totals(index);
  for (var e = 0; e < uniforms.experts; e++) {
    result[index * uniforms.experts + e] = dLoss[0] * (frequency(index, e) - total.y / total.x) / (total.x * f32(uniforms.tokens));
  }`,
};

/** Two or three dispatches forward, one backward. */
export const sequenceBalanceWebGpu: SequenceBalancePath = {
  forward: ({ scores }, { sequences, expertsPerToken: chosenCount }) => {
    const [N, experts] = scores.shape as [number, number];
    const positions = N / sequences;
    const often = run(frequencies, {
      inputs: { scores },
      shape: [sequences, experts],
      constants: { groups: 1, topGroups: 1, biased: false },
      ints: { experts, positions, chosenCount },
    });
    const loss = sumRows({
      value: 'totals(n).y / (totals(n).x * f32(uniforms.rows))',
      functions: tokenFunctions,
      inputs: { scores, often },
      rows: N,
      columns: 1,
      ints: { experts, positions },
    });
    return [tf.reshape(loss, []), often];
  },
  backward: (dOutputs, { scores }, outputs, { sequences }) => {
    const [N, experts] = scores.shape as [number, number];
    return {
      scores: run(gradient, {
        inputs: { dLoss: dOutputs[0]!, scores, often: outputs[1]! },
        shape: [N, experts],
        constants: {},
        ints: { experts, positions: N / sequences, tokens: N },
        threads: N,
      }),
    };
  },
};
