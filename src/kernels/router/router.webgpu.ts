// The router on WebGPU: a thread decides for one token.
import type { Tensor } from '@tensorflow/tfjs-core';
import { run, type Program } from '../webgpu/program';
import type { routerOperation } from './router';
import { selectionFunctions, type Selection } from './selection.webgpu';

type RouterPath = typeof routerOperation.definition;

const sigmoidScores: Program<Record<never, never>> = {
  name: 'RouterScores',
  body: () => 'result[index] = 1.0 / (1.0 + exp(-logits[index]));',
};

const choices: Program<Selection> = {
  name: 'RouterChoice',
  declarations: selectionFunctions,
  body: () => `
  let own = index * uniforms.chosenCount;
  let outside = index * uniforms.givenStride;
  if (given[outside] >= 0) {
    for (var k = 0; k < uniforms.chosenCount; k++) { result[own + k] = given[outside + k]; }
    return;
  }
  keepGroups(index, true);
  var expert = -1;
  var value = 0.0;
  for (var k = 0; k < uniforms.chosenCount; k++) {
    expert = nextBest(index, value, expert, true);
    value = valueOf(index, expert, true);
    result[own + k] = expert;
  }`,
};

const margins: Program<Selection> = {
  name: 'RouterDiagnostics',
  declarations: selectionFunctions,
  body: ({ groups }) => `
  keepGroups(index, true);
  var expert = -1;
  var value = 0.0;
  var margin = 0.0;
  var changed = 0.0;
  for (var k = 0; k < uniforms.chosenCount; k++) {
    expert = nextBest(index, value, expert, true);
    value = valueOf(index, expert, true);
    ${groups > 1 ? 'keepGroups(index, false);' : ''}
    if (rankOf(index, expert, false) >= uniforms.chosenCount) { changed += 1.0; }
    ${groups > 1 ? 'keepGroups(index, true);' : ''}
  }
  if (uniforms.experts > uniforms.chosenCount) {
    margin = value - valueOf(index, nextBest(index, value, expert, true), true);
  }
  result[2 * index] = margin;
  result[2 * index + 1] = changed;`,
};

// A chosen expert outside [0, E) weighs nothing, as a row of zeros would.
const scoreFunctions = `
fn scoreOf(n: i32, e: i32) -> f32 {
  if (e < 0 || e >= uniforms.experts) { return 0.0; }
  return scores[n * uniforms.experts + e];
}
fn contributionOf(n: i32, e: i32) -> f32 {
  if (e < 0 || e >= uniforms.experts) { return 0.0; }
  return contribution[n * uniforms.contributionStride + e];
}`;

const chosenWeights: Program<{ normalise: boolean }> = {
  name: 'RouterWeights',
  declarations: () => scoreFunctions,
  body: ({ normalise }) => `
  let n = index / uniforms.chosenCount;
  var total = 1e-20;
  for (var k = 0; k < uniforms.chosenCount; k++) { total += scoreOf(n, chosen[n * uniforms.chosenCount + k]); }
  let share = scoreOf(n, chosen[index])${normalise ? ' / total' : ''};
  result[index] = share * uniforms.scale * contributionOf(n, chosen[index]);`,
};

const logitGradient: Program<{ normalise: boolean }> = {
  name: 'RouterGradient',
  declarations: () => scoreFunctions,
  body: ({ normalise }) => `
  let n = index / uniforms.experts;
  let e = index % uniforms.experts;
  var total = 1e-20;
  var projection = 0.0;
  var own = 0.0;
  var times = 0.0;
  for (var k = 0; k < uniforms.chosenCount; k++) {
    let a = n * uniforms.chosenCount + k;
    let u = scoreOf(n, chosen[a]);
    let gradient = dWeights[a] * contributionOf(n, chosen[a]) * uniforms.scale;
    total += u;
    projection += gradient * u;
    if (chosen[a] == e) {
      own += gradient;
      times += 1.0;
    }
  }
  let dScore = ${normalise ? '(own - times * projection / total) / total' : 'own'};
  let s = scores[index];
  result[index] = (dScores[index] + dScore) * s * (1.0 - s);`,
};

/** The step from one token's row to the next: none where one row serves all tokens. */
const stride = (rows: Tensor) => (rows.shape[0] === 1 ? 0 : rows.shape[1]!);

/** Four dispatches forward, one backward. */
export const routerWebGpu: RouterPath = {
  forward: ({ logits, choiceOffset, contribution, given }, { expertsPerToken: K, groups, topGroups, normalise, scale }) => {
    const [N, experts] = logits.shape as [number, number];
    const scores = run(sigmoidScores, { inputs: { logits }, shape: [N, experts], constants: {} });
    const selection = {
      constants: { groups, topGroups, biased: true },
      ints: { experts, chosenCount: K, offsetStride: stride(choiceOffset), givenStride: stride(given) },
      threads: N,
    };
    const chosen = run(choices, { ...selection, inputs: { scores, choiceOffset, given }, shape: [N, K], dtype: 'int32' });
    const diagnostics = run(margins, { ...selection, inputs: { scores, choiceOffset }, shape: [N, 2] });
    const weights = run(chosenWeights, {
      inputs: { scores, chosen, contribution },
      shape: [N, K],
      constants: { normalise },
      ints: { experts, chosenCount: K, contributionStride: stride(contribution) },
      floats: { scale },
    });
    return [weights, chosen, scores, diagnostics];
  },
  backward: (dOutputs, { contribution }, outputs, { expertsPerToken: K, normalise, scale }) => {
    const [chosen, scores] = [outputs[1]!, outputs[2]!];
    const experts = scores.shape[1]!;
    return {
      logits: run(logitGradient, {
        inputs: { dWeights: dOutputs[0]!, dScores: dOutputs[2]!, scores, chosen, contribution },
        shape: scores.shape,
        constants: { normalise },
        ints: { experts, chosenCount: K, contributionStride: stride(contribution) },
        floats: { scale },
      }),
    };
  },
};
