// Attention over a cache on WebGPU: new rows are written into the cache's own buffer; then a thread takes one head of one new token
// and walks over the rows once, its softmax rescaled whenever a larger logit comes.
import { run, type Program } from '../webgpu/program';
import type { cachedAttentionOperation } from './cachedAttention';

type CachedAttentionPath = typeof cachedAttentionOperation.definition;
/** D is compiled in: a thread's own row lives in registers. */
type HeadDim = { D: number };

const append: Program<Record<never, never>> = {
  name: 'CacheAppend',
  body: () => `
  let n = index / (2 * uniforms.width);
  let d = index % (2 * uniforms.width);
  let place = uniforms.start * 2 * uniforms.width + index;
  if (d < uniforms.width) { result[place] = k[n * uniforms.width + d]; }
  else { result[place] = v[n * uniforms.width + d - uniforms.width]; }`,
};

/** Reads four elements of a row of D at a time; beyond D it reads zeros. */
const reader = (input: string, D: number) => {
  const lanes = [0, 1, 2, 3].map((lane) =>
    D % 4 === 0 ? `${input}[row + 4 * c + ${lane}]` : `select(0.0, ${input}[row + 4 * c + ${lane}], 4 * c + ${lane} < ${D})`,
  );
  return `fn ${input}Four(row: i32, c: i32) -> vec4<f32> { return vec4<f32>(${lanes.join(', ')}); }`;
};
const over = (D: number, body: string) => `for (var c = 0; c < ${Math.ceil(D / 4)}; c++) { ${body} }`;

const attend: Program<HeadDim> = {
  name: 'CachedAttention',
  declarations: ({ D }) => `${reader('q', D)}\n${reader('cache', D)}`,
  body: ({ D }) => `
  let h = index % uniforms.heads;
  let position = uniforms.start + index / uniforms.heads;
  let keyHead = h / uniforms.group;
  var own: array<vec4<f32>, ${Math.ceil(D / 4)}>;
  var sum: array<vec4<f32>, ${Math.ceil(D / 4)}>;
  ${over(D, `own[c] = qFour(index * ${D}, c) * uniforms.scale;`)}
  var peak = -1e30;
  var total = 0.0;
  for (var s = 0; s <= position; s++) {
    let key = (2 * s * uniforms.keyValueHeads + keyHead) * ${D};
    let value = key + uniforms.keyValueHeads * ${D};
    var logit = 0.0;
    ${over(D, 'logit += dot(own[c], cacheFour(key, c));')}
    let higher = max(peak, logit);
    let shrink = exp(peak - higher);
    let p = exp(logit - higher);
    total = total * shrink + p;
    ${over(D, 'sum[c] = sum[c] * shrink + p * cacheFour(value, c);')}
    peak = higher;
  }
  for (var d = 0; d < ${D}; d++) { result[index * ${D} + d] = sum[d / 4][d % 4] / total; }`,
};

/** Two dispatches; the cache is written in place and returned. */
export const cachedAttentionWebGpu: CachedAttentionPath = {
  forward: ({ q, k, v, cache }, { start, heads, keyValueHeads }) => {
    const n = q.shape[0]!;
    const D = q.shape[1]! / heads;
    const width = keyValueHeads * D;
    run(append, {
      inputs: { k, v },
      shape: cache.shape,
      into: cache,
      constants: {},
      ints: { start, width },
      threads: 2 * n * width,
    });
    const output = run(attend, {
      inputs: { q, cache },
      shape: q.shape,
      constants: { D },
      ints: { start, heads, keyValueHeads, group: heads / keyValueHeads },
      floats: { scale: D ** -0.5 },
      threads: n * heads,
    });
    return [output, cache];
  },
};
