// Causal attention on WebGPU: no [T, T] matrix is kept. A thread takes one query (or one key) of one head and walks over the others;
// the backward pass finds its probabilities again from the logsumexp of the forward pass.
import type { Tensor } from '@tensorflow/tfjs-core';
import { run, type Program } from '../webgpu/program';
import type { AttentionAttributes, attentionOperation } from './attention';

type AttentionPath = typeof attentionOperation.definition;
/** D is compiled in: a thread's own row lives in registers. */
type HeadDim = { D: number };

/** Where a query's thread stands: token n, head h, its first key and its place in the arrays. */
const queryPlace = (D: number) => `
  let h = index % uniforms.heads;
  let n = index / uniforms.heads;
  let firstKey = (n / uniforms.positions) * uniforms.positions;
  let mine = index * ${D};
  let keyHead = h / uniforms.group;`;

/** Places of rows, and for each input a reader of four elements of a row at a time; beyond D it reads zeros. */
const rows = (inputs: readonly string[], D: number) => {
  const lane = (input: string, at: number) =>
    D % 4 === 0 ? `${input}[d + ${at}]` : `select(0.0, ${input}[d + ${at}], 4 * c + ${at} < ${D})`;
  const reader = (input: string) => `
fn ${input}Four(row: i32, c: i32) -> vec4<f32> {
  let d = row + 4 * c;
  return vec4<f32>(${[0, 1, 2, 3].map((at) => lane(input, at)).join(', ')});
}`;
  return `
fn keyRow(s: i32, keyHead: i32) -> i32 { return (s * uniforms.keyValueHeads + keyHead) * ${D}; }
fn queryRow(n: i32, h: i32) -> i32 { return (n * uniforms.heads + h) * ${D}; }
${inputs.map(reader).join('')}`;
};

/** A row in registers. */
const row = (name: string, D: number) => `var ${name}: array<vec4<f32>, ${Math.ceil(D / 4)}>;`;
const over = (D: number, body: string) => `for (var c = 0; c < ${Math.ceil(D / 4)}; c++) { ${body} }`;
const store = (D: number) => `for (var d = 0; d < ${D}; d++) { result[mine + d] = sum[d / 4][d % 4]; }`;

const statistics: Program<HeadDim> = {
  name: 'AttentionStatistics',
  declarations: ({ D }) => rows(['q', 'k'], D),
  body: ({ D }) => `
  ${queryPlace(D)}
  ${row('own', D)}
  ${over(D, 'own[c] = qFour(mine, c) * uniforms.scale;')}
  var peak = -1e30;
  var total = 0.0;
  for (var s = firstKey; s <= n; s++) {
    let key = keyRow(s, keyHead);
    var logit = 0.0;
    ${over(D, 'logit += dot(own[c], kFour(key, c));')}
    let higher = max(peak, logit);
    total = total * exp(peak - higher) + exp(logit - higher);
    peak = higher;
  }
  result[2 * index] = peak;
  result[2 * index + 1] = peak + log(total);`,
};

const weightedValues: Program<HeadDim> = {
  name: 'AttentionOutput',
  declarations: ({ D }) => rows(['q', 'k', 'v'], D),
  body: ({ D }) => `
  ${queryPlace(D)}
  ${row('own', D)}
  ${row('sum', D)}
  ${over(D, 'own[c] = qFour(mine, c) * uniforms.scale;')}
  let logSumExp = stats[2 * index + 1];
  for (var s = firstKey; s <= n; s++) {
    let key = keyRow(s, keyHead);
    var logit = 0.0;
    ${over(D, 'logit += dot(own[c], kFour(key, c));')}
    let p = exp(logit - logSumExp);
    ${over(D, 'sum[c] += p * vFour(key, c);')}
  }
  ${store(D)}`,
};

/** Σ_D do·o of each query: what the softmax takes from every one of its gradients. */
const outputProjection: Program<HeadDim> = {
  name: 'AttentionProjection',
  body: ({ D }) => `
  var sum = 0.0;
  for (var d = 0; d < ${D}; d++) { sum += dOut[index * ${D} + d] * output[index * ${D} + d]; }
  result[index] = sum;`,
};

const queryGradient: Program<HeadDim> = {
  name: 'AttentionQueryGradient',
  declarations: ({ D }) => rows(['q', 'k', 'v', 'dOut'], D),
  body: ({ D }) => `
  ${queryPlace(D)}
  ${row('own', D)}
  ${row('ownGradient', D)}
  ${row('sum', D)}
  ${over(D, 'own[c] = qFour(mine, c) * uniforms.scale; ownGradient[c] = dOutFour(mine, c);')}
  let logSumExp = stats[2 * index + 1];
  let taken = projection[index];
  for (var s = firstKey; s <= n; s++) {
    let key = keyRow(s, keyHead);
    var logit = 0.0;
    var dP = 0.0;
    ${over(D, 'logit += dot(own[c], kFour(key, c)); dP += dot(ownGradient[c], vFour(key, c));')}
    let dS = exp(logit - logSumExp) * (dP - taken) * uniforms.scale;
    ${over(D, 'sum[c] += dS * kFour(key, c);')}
  }
  ${store(D)}`,
};

/** The loop of a key's thread over the queries that see it: every head of its group, every later token of its sequence. */
const overQueries = (body: string) => `
  let keyHead = index % uniforms.keyValueHeads;
  let s = index / uniforms.keyValueHeads;
  let last = (s / uniforms.positions + 1) * uniforms.positions - 1;
  for (var h = keyHead * uniforms.group; h < (keyHead + 1) * uniforms.group; h++) {
    for (var n = s; n <= last; n++) {
      let query = queryRow(n, h);
      let place = n * uniforms.heads + h;
      var logit = 0.0;
      ${body}
    }
  }`;

const keyGradient: Program<HeadDim> = {
  name: 'AttentionKeyGradient',
  declarations: ({ D }) => rows(['q', 'k', 'v', 'dOut'], D),
  body: ({ D }) => `
  let mine = index * ${D};
  ${row('own', D)}
  ${row('ownValue', D)}
  ${row('sum', D)}
  ${over(D, 'own[c] = kFour(mine, c) * uniforms.scale; ownValue[c] = vFour(mine, c);')}
  ${overQueries(`var dP = 0.0;
      ${over(D, 'logit += dot(own[c], qFour(query, c)); dP += dot(ownValue[c], dOutFour(query, c));')}
      let dS = exp(logit - stats[2 * place + 1]) * (dP - projection[place]) * uniforms.scale;
      ${over(D, 'sum[c] += dS * qFour(query, c);')}`)}
  ${store(D)}`,
};

const valueGradient: Program<HeadDim> = {
  name: 'AttentionValueGradient',
  declarations: ({ D }) => rows(['q', 'k', 'dOut'], D),
  body: ({ D }) => `
  let mine = index * ${D};
  ${row('own', D)}
  ${row('sum', D)}
  ${over(D, 'own[c] = kFour(mine, c) * uniforms.scale;')}
  ${overQueries(`${over(D, 'logit += dot(own[c], qFour(query, c));')}
      let p = exp(logit - stats[2 * place + 1]);
      ${over(D, 'sum[c] += p * dOutFour(query, c);')}`)}
  ${store(D)}`,
};

/** What every program of this file is launched with. */
function common(q: Tensor, { sequences, heads, keyValueHeads }: AttentionAttributes) {
  const D = q.shape[1]! / heads;
  return {
    constants: { D },
    ints: { positions: q.shape[0]! / sequences, heads, keyValueHeads, group: heads / keyValueHeads },
    floats: { scale: D ** -0.5 },
  };
}

/** Two dispatches forward, four backward. */
export const attentionWebGpu: AttentionPath = {
  forward: ({ q, k, v }, attributes) => {
    const launch = common(q, attributes);
    const N = q.shape[0]!;
    const stats = run(statistics, {
      ...launch,
      inputs: { q, k },
      shape: [N, attributes.heads, 2],
      threads: N * attributes.heads,
    });
    const output = run(weightedValues, { ...launch, inputs: { q, k, v, stats }, shape: q.shape, threads: N * attributes.heads });
    return [output, stats];
  },
  backward: (dOutputs, { q, k, v }, outputs, attributes) => {
    const launch = common(q, attributes);
    const [dOut, output, stats] = [dOutputs[0]!, outputs[0]!, outputs[1]!];
    const N = q.shape[0]!;
    const queries = N * attributes.heads;
    const keys = N * attributes.keyValueHeads;
    const projection = run(outputProjection, { ...launch, inputs: { dOut, output }, shape: [queries] });
    return {
      q: run(queryGradient, { ...launch, inputs: { q, k, v, dOut, stats, projection }, shape: q.shape, threads: queries }),
      k: run(keyGradient, { ...launch, inputs: { q, k, v, dOut, stats, projection }, shape: k.shape, threads: keys }),
      v: run(valueGradient, { ...launch, inputs: { q, k, dOut, stats }, shape: v.shape, threads: keys }),
    };
  },
};
