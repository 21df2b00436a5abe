// Causal attention on WebGPU: no [T, T] matrix is kept. A thread takes some neighbouring queries (or keys) of one head, holds their
// rows in registers and walks over the others; the backward pass finds its probabilities again from the logsumexp of the forward pass.
import type { Tensor } from '@tensorflow/tfjs-core';
import { runMany, type Program } from '../webgpu/program';
import type { AttentionAttributes, attentionOperation } from './attention';

type AttentionPath = typeof attentionOperation.definition;

/** How many queries, or keys, a thread takes: more loads saved, more registers needed. */
export interface AttentionTiles {
  readonly forward: number;
  readonly queries: number;
  readonly keys: number;
}

/** Compiled in: the head's width D and the thread's tile. */
type Shape = { D: number; tile: number };

const lines = (count: number, text: (n: number) => string, separator = '\n    ') =>
  Array.from({ length: count }, (_, n) => text(n)).join(separator);

/** Four elements of a row from `place` on; beyond D, zeros. */
function four(buffer: string, place: string, chunk: number, D: number): string {
  const lane = (at: number) => (at < D ? `${buffer}[${place} + ${at}]` : '0.0');
  return `vec4<f32>(${[0, 1, 2, 3].map((n) => lane(4 * chunk + n)).join(', ')})`;
}

/** Declares `name`<n>_0, _1, …: a row in registers. */
const row = (name: string, D: number, value: (chunk: number) => string, kind = 'let') =>
  lines(Math.ceil(D / 4), (c) => `${kind} ${name}_${c} = ${value(c)};`, ' ');
const zeros = (name: string, D: number) => row(name, D, () => 'vec4<f32>()', 'var');
const dot = (a: string, b: string, D: number) => lines(Math.ceil(D / 4), (c) => `dot(${a}_${c}, ${b}_${c})`, ' + ');
const addTo = (sum: string, factor: string, b: string, D: number) =>
  lines(Math.ceil(D / 4), (c) => `${sum}_${c} += ${factor} * ${b}_${c};`, ' ');
/**
 * Declares `name`_0, _1, …: a row that is read once, from `place` on, times `scale`. A loop, as its loads are many and a compiler's time goes
 * with the loads it sees.
 */
const readOnce = (name: string, buffer: string, place: string, D: number, scale = '') => `
  var ${name}: array<vec4<f32>, ${Math.ceil(D / 4)}>;
  for (var d = 0; d < ${D}; d++) { ${name}[d / 4][d % 4] = ${scale}${buffer}[${place} + d]; }
  ${row(name, D, (c) => `${name}[${c}]`)}`;
/** Stores a row from `place` on; a loop for the same reason. */
const store = (output: string, place: string, name: string, value: (chunk: number) => string, D: number) => `
  var ${name} = array<vec4<f32>, ${Math.ceil(D / 4)}>(${lines(Math.ceil(D / 4), value, ', ')});
  for (var d = 0; d < ${D}; d++) { ${output}[${place} + d] = ${name}[d / 4][d % 4]; }`;

/** Where a thread stands: head h of `heads`, tokens n0 … of one sequence whose tokens are first … last. */
const place = (heads: string, tile: number) => `
  let h = index % ${heads};
  let block = index / ${heads};
  let blocks = (uniforms.positions + ${tile - 1}) / ${tile};
  let first = (block / blocks) * uniforms.positions;
  let last = first + uniforms.positions - 1;
  let n0 = first + (block % blocks) * ${tile};`;
/** Tokens beyond the sequence's end repeat its last one and are not stored. */
const token = (n: number) => `let nOwn${n} = min(n0 + ${n}, last);`;
const inside = (q: number, text: string) => (q === 0 ? text : `if (n0 + ${q} <= last) { ${text} }`);

/** The softmax is rescaled whenever a larger logit comes. */
const attend: Program<Shape> = {
  name: 'Attention',
  body: ({ D, tile }) => `
  ${place('uniforms.heads', tile)}
  ${lines(tile, (q) => `${token(q)} ${readOnce(`own${q}`, 'q', `(nOwn${q} * uniforms.heads + h) * ${D}`, D, 'uniforms.scale * ')}`)}
  ${lines(tile, (q) => `var peak${q} = -1e30; var total${q} = 0.0; ${zeros(`sum${q}`, D)}`)}
  for (var s = first; s <= nOwn${tile - 1}; s++) {
    let at = (s * uniforms.keyValueHeads + h / uniforms.group) * ${D};
    ${row('key', D, (c) => four('k', 'at', c, D))}
    ${row('value', D, (c) => four('v', 'at', c, D))}
    ${lines(
      tile,
      (q) => `{
      let logit = select(-1e30, ${dot(`own${q}`, 'key', D)}, s <= nOwn${q});
      let higher = max(peak${q}, logit);
      let shrink = exp(peak${q} - higher);
      let p = select(0.0, exp(logit - higher), s <= nOwn${q});
      peak${q} = higher;
      total${q} = total${q} * shrink + p;
      ${lines(Math.ceil(D / 4), (c) => `sum${q}_${c} = sum${q}_${c} * shrink + p * value_${c};`, ' ')}
    }`,
    )}
  }
  ${lines(tile, (q) =>
    inside(
      q,
      `let place${q} = nOwn${q} * uniforms.heads + h;
    stats[2 * place${q}] = peak${q};
    stats[2 * place${q} + 1] = peak${q} + log(total${q});
    ${store('output', `place${q} * ${D}`, `row${q}`, (c) => `sum${q}_${c} / total${q}`, D)}`,
    ),
  )}`,
};

/** dq, and Σ_D do·o of each query: what the softmax takes from every one of its gradients. */
const queryGradient: Program<Shape> = {
  name: 'AttentionQueryGradient',
  body: ({ D, tile }) => `
  ${place('uniforms.heads', tile)}
  ${lines(
    tile,
    (q) => `${token(q)} let place${q} = nOwn${q} * uniforms.heads + h;
    ${readOnce(`own${q}`, 'q', `place${q} * ${D}`, D, 'uniforms.scale * ')}
    ${readOnce(`gradient${q}`, 'dOut', `place${q} * ${D}`, D)}
    let logSumExp${q} = stats[2 * place${q} + 1];
    var taken${q} = 0.0;
    for (var d = 0; d < ${D}; d++) { taken${q} += gradient${q}[d / 4][d % 4] * output[place${q} * ${D} + d]; }
    ${zeros(`sum${q}`, D)}`,
  )}
  for (var s = first; s <= nOwn${tile - 1}; s++) {
    let at = (s * uniforms.keyValueHeads + h / uniforms.group) * ${D};
    ${row('key', D, (c) => four('k', 'at', c, D))}
    ${row('value', D, (c) => four('v', 'at', c, D))}
    ${lines(
      tile,
      (q) => `{
      let p = select(0.0, exp(${dot(`own${q}`, 'key', D)} - logSumExp${q}), s <= nOwn${q});
      let dS = p * (${dot(`gradient${q}`, 'value', D)} - taken${q}) * uniforms.scale;
      ${addTo(`sum${q}`, 'dS', 'key', D)}
    }`,
    )}
  }
  ${lines(tile, (q) => inside(q, `projection[place${q}] = taken${q}; ${store('dq', `place${q} * ${D}`, `row${q}`, (c) => `sum${q}_${c}`, D)}`))}`,
};

/** dk and dv: a key's thread walks over the queries that see it, of every head of its group. */
const keyGradient: Program<Shape> = {
  name: 'AttentionKeyGradient',
  body: ({ D, tile }) => `
  ${place('uniforms.keyValueHeads', tile)}
  ${lines(
    tile,
    (s) => `${token(s)} let place${s} = (nOwn${s} * uniforms.keyValueHeads + h) * ${D};
    ${readOnce(`own${s}`, 'k', `place${s}`, D, 'uniforms.scale * ')}
    ${readOnce(`value${s}`, 'v', `place${s}`, D)}
    ${zeros(`dKey${s}`, D)} ${zeros(`dValue${s}`, D)}`,
  )}
  for (var head = h * uniforms.group; head < (h + 1) * uniforms.group; head++) {
    for (var n = n0; n <= last; n++) {
      let queryPlace = n * uniforms.heads + head;
      let logSumExp = stats[2 * queryPlace + 1];
      let taken = projection[queryPlace];
      ${row('query', D, (c) => four('q', `queryPlace * ${D}`, c, D))}
      ${row('gradient', D, (c) => four('dOut', `queryPlace * ${D}`, c, D))}
      ${lines(
        tile,
        (s) => `{
        let p = select(0.0, exp(${dot(`own${s}`, 'query', D)} - logSumExp), nOwn${s} <= n);
        let dS = p * (${dot(`value${s}`, 'gradient', D)} - taken) * uniforms.scale;
        ${addTo(`dKey${s}`, 'dS', 'query', D)}
        ${addTo(`dValue${s}`, 'p', 'gradient', D)}
      }`,
      )}
    }
  }
  ${lines(tile, (s) =>
    inside(
      s,
      `${store('dk', `place${s}`, `keyRow${s}`, (c) => `dKey${s}_${c}`, D)} ${store('dv', `place${s}`, `valueRow${s}`, (c) => `dValue${s}_${c}`, D)}`,
    ),
  )}`,
};

/** What every program of this file is launched with, by a thread for `tile` tokens of each of `threadHeads` heads. */
function common(q: Tensor, { sequences, heads, keyValueHeads }: AttentionAttributes, tile: number, threadHeads: number) {
  const D = q.shape[1]! / heads;
  const positions = q.shape[0]! / sequences;
  return {
    constants: { D, tile },
    ints: { positions, heads, keyValueHeads, group: heads / keyValueHeads },
    floats: { scale: D ** -0.5 },
    threads: sequences * Math.ceil(positions / tile) * threadHeads,
  };
}

/** One dispatch forward, two backward. */
export const attentionWebGpu = (tiles: AttentionTiles): AttentionPath => ({
  forward: ({ q, k, v }, attributes) => {
    const { output, stats } = runMany(attend, {
      ...common(q, attributes, tiles.forward, attributes.heads),
      inputs: { q, k, v },
      outputs: { output: { shape: q.shape }, stats: { shape: [q.shape[0]!, attributes.heads, 2] } },
    });
    return [output, stats];
  },
  backward: (dOutputs, { q, k, v }, outputs, attributes) => {
    const [dOut, output, stats] = [dOutputs[0]!, outputs[0]!, outputs[1]!];
    const { dq, projection } = runMany(queryGradient, {
      ...common(q, attributes, tiles.queries, attributes.heads),
      inputs: { q, k, v, dOut, output, stats },
      outputs: { dq: { shape: q.shape }, projection: { shape: [q.shape[0]! * attributes.heads] } },
    });
    const { dk, dv } = runMany(keyGradient, {
      ...common(q, attributes, tiles.keys, attributes.keyValueHeads),
      inputs: { q, k, v, dOut, stats, projection },
      outputs: { dk: { shape: k.shape }, dv: { shape: v.shape } },
    });
    return { q: dq, k: dk, v: dv };
  },
});
