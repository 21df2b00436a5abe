// The router on WebGPU: a thread decides for one token.
import type { Tensor } from '@tensorflow/tfjs-core';
import { run, runMany, type Program } from '../webgpu/program';
import type { routerOperation } from './router';
import { selectionFunctions, type Selection } from './selection.webgpu';

type RouterPath = typeof routerOperation.definition;

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

const decide: Program<Selection & { normalise: boolean }> = {
  name: 'Router',
  declarations: (selection) => selectionFunctions(selection) + scoreFunctions,
  body: ({ groups, normalise }) => `
  let n = index;
  for (var e = 0; e < uniforms.experts; e++) {
    let place = n * uniforms.experts + e;
    scores[place] = 1.0 / (1.0 + exp(-logits[place]));
  }
  keepGroups(n, true);
  let own = n * uniforms.chosenCount;
  let outside = n * uniforms.givenStride;
  let isGiven = given[outside] >= 0;
  var expert = -1;
  var value = 0.0;
  var changed = 0.0;
  for (var k = 0; k < uniforms.chosenCount; k++) {
    expert = nextBest(n, value, expert, true);
    value = valueOf(n, expert, true);
    chosen[own + k] = select(expert, given[outside + k], isGiven);
    ${groups > 1 ? 'keepGroups(n, false);' : ''}
    if (rankOf(n, expert, false) >= uniforms.chosenCount) { changed += 1.0; }
    ${groups > 1 ? 'keepGroups(n, true);' : ''}
  }
  var margin = 0.0;
  if (uniforms.experts > uniforms.chosenCount) { margin = value - valueOf(n, nextBest(n, value, expert, true), true); }
  diagnostics[2 * n] = margin;
  diagnostics[2 * n + 1] = changed;
  var total = 1e-20;
  for (var k = 0; k < uniforms.chosenCount; k++) { total += scoreOf(n, chosen[own + k]); }
  for (var k = 0; k < uniforms.chosenCount; k++) {
    let share = scoreOf(n, chosen[own + k])${normalise ? ' / total' : ''};
    weights[own + k] = share * uniforms.scale * contributionOf(n, chosen[own + k]);
  }`,
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

/** One dispatch forward, one backward. */
export const routerWebGpu: RouterPath = {
  forward: ({ logits, choiceOffset, contribution, given }, { expertsPerToken: K, groups, topGroups, normalise, scale }) => {
    const [N, experts] = logits.shape as [number, number];
    const { weights, chosen, scores, diagnostics } = runMany(decide, {
      inputs: { logits, choiceOffset, contribution, given },
      outputs: {
        weights: { shape: [N, K] },
        chosen: { shape: [N, K], dtype: 'int32' },
        scores: { shape: [N, experts] },
        diagnostics: { shape: [N, 2] },
      },
      constants: { groups, topGroups, biased: true, normalise },
      ints: {
        experts,
        chosenCount: K,
        offsetStride: stride(choiceOffset),
        givenStride: stride(given),
        contributionStride: stride(contribution),
      },
      floats: { scale },
      threads: N,
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
