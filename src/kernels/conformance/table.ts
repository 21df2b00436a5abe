// The conformance table: every operation, at shapes that break kernels, with the tolerance each backend must keep.
import { additionOperation } from '../addition/addition';
import { attentionOperation } from '../attention/attention';
import { cachedAttentionOperation } from '../cachedAttention/cachedAttention';
import { crossEntropyOperation } from '../crossEntropy/crossEntropy';
import { embeddingOperation } from '../embedding/embedding';
import { rngFor } from '../../core/rng';
import { linearOperation } from '../linear/linear';
import { qkNormRopeOperation, ropeTables } from '../qkNormRope/qkNormRope';
import { qkvProjectionsOperation } from '../qkvProjections/qkvProjections';
import { residualNormOperation } from '../residualNorm/residualNorm';
import { rmsNormOperation } from '../rmsNorm/rmsNorm';
import { swigluOperation } from '../swiglu/swiglu';
import { floats, normals, wholes } from './arrays';
import type { ConformanceCase } from './check';
import { FIGURE_CASES } from './tableFigures';
import { OPTIMIZER_CASES } from './tableOptimizer';
import { ROUTING_CASES } from './tableRouting';

/** Sums of a few hundred float32 products differ by their order only. */
const SUM = { forward: 2e-6, backward: 3e-6 };
/** As above, through exp and divisions. */
const EXPONENTIAL = { forward: 3e-6, backward: 6e-6 };

function linearCase(N: number, A: number, B: number, why: string): ConformanceCase {
  const rng = rngFor(1, 'init', N * 7919 + A * 31 + B);
  return {
    operation: linearOperation,
    about: `[${N}, ${A}] → ${B}: ${why}`,
    inputs: { x: normals(rng, [N, A]), weight: normals(rng, [B, A], A ** -0.5) },
    attributes: {},
    gradientFrom: [0],
    tolerance: SUM,
  };
}

function additionCase(N: number, C: number): ConformanceCase {
  const rng = rngFor(9, 'init', N + C);
  return {
    operation: additionOperation,
    about: `[${N}, ${C}]`,
    inputs: { x: normals(rng, [N, C]), y: normals(rng, [N, C]) },
    attributes: {},
    gradientFrom: [0],
    tolerance: { forward: 1e-7, backward: 0 },
  };
}

function embeddingCase(N: number, V: number, C: number, why: string): ConformanceCase {
  const rng = rngFor(2, 'init', N + V + C);
  return {
    operation: embeddingOperation,
    about: `${N} ids of ${V}, width ${C}: ${why}`,
    inputs: { table: normals(rng, [V, C]), ids: wholes(rng, [N], V) },
    attributes: {},
    gradientFrom: [0],
    tolerance: { forward: 0, backward: 1e-6 },
  };
}

function rmsNormCase(N: number, C: number, spread: number, why: string): ConformanceCase {
  const rng = rngFor(3, 'init', N * 131 + C);
  return {
    operation: rmsNormOperation,
    about: `[${N}, ${C}]: ${why}`,
    inputs: { x: normals(rng, [N, C], spread), weight: normals(rng, [C], 0.3, 1) },
    attributes: { eps: 1e-5 },
    gradientFrom: [0],
    tolerance: SUM,
    step: 0.02 * Math.min(1, spread),
    noise: C === 1 ? 1e-6 : 0, // one number is its own root mean square: its gradient is what eps leaves
  };
}

function residualNormCase(N: number, C: number, spread: number, why: string): ConformanceCase {
  const rng = rngFor(11, 'init', N * 131 + C);
  return {
    operation: residualNormOperation,
    about: `[${N}, ${C}]: ${why}`,
    inputs: {
      x: normals(rng, [N, C], spread),
      y: normals(rng, [N, C], spread),
      weight: normals(rng, [C], 0.3, 1),
    },
    attributes: { eps: 1e-5 },
    gradientFrom: [0, 1],
    tolerance: SUM,
    step: 0.02 * Math.min(1, spread),
    noise: C === 1 ? 1e-6 : 0,
  };
}

function qkNormRopeCase(
  N: number,
  T: number,
  H: number,
  Hkv: number,
  D: number,
  normalise: boolean,
  start: number,
): ConformanceCase {
  const rng = rngFor(4, 'init', N * 131 + D);
  const { cos, sin } = ropeTables(D, 10_000, T, start);
  return {
    operation: qkNormRopeOperation,
    about: `[${N}, ${H}·${D}] and ${Hkv} key heads at positions ${start} … ${start + T - 1}, ${normalise ? 'normed' : 'not normed'}`,
    inputs: {
      q: normals(rng, [N, H * D]),
      k: normals(rng, [N, Hkv * D]),
      qWeight: normals(rng, [D], 0.3, 1),
      kWeight: normals(rng, [D], 0.3, 1),
      cos: { values: cos, shape: [T, D / 2] },
      sin: { values: sin, shape: [T, D / 2] },
    },
    attributes: { eps: 1e-6, normalise },
    gradientFrom: [0, 1],
    tolerance: SUM,
    mayVanish: normalise ? [] : ['gradient qWeight', 'gradient kWeight'],
  };
}

function qkvProjectionsCase(N: number, C: number, queries: number, keys: number, why: string): ConformanceCase {
  const rng = rngFor(10, 'init', N * 7919 + C * 31 + queries);
  const weight = (width: number) => normals(rng, [width, C], C ** -0.5);
  return {
    operation: qkvProjectionsOperation,
    about: `[${N}, ${C}] → ${queries}, ${keys}, ${keys}: ${why}`,
    inputs: { x: normals(rng, [N, C]), q: weight(queries), k: weight(keys), v: weight(keys) },
    attributes: {},
    gradientFrom: [0, 1, 2],
    tolerance: SUM,
  };
}

function attentionCase(B: number, T: number, H: number, Hkv: number, D: number, why: string, spread = 1): ConformanceCase {
  const rng = rngFor(5, 'init', B * 10007 + T * 101 + H * 11 + D);
  return {
    operation: attentionOperation,
    about: `${B} sequences of ${T}, ${H} heads over ${Hkv}, D ${D}: ${why}`,
    inputs: {
      q: normals(rng, [B * T, H * D], spread),
      k: normals(rng, [B * T, Hkv * D], spread),
      v: normals(rng, [B * T, Hkv * D]),
    },
    attributes: { sequences: B, heads: H, keyValueHeads: Hkv },
    gradientFrom: [0],
    tolerance: { forward: 4e-6 * spread, backward: 1e-5 * spread },
    // With one position softmax is 1 whatever q and k are.
    noise: T === 1 ? 2e-6 : 0,
    mayVanish: T === 1 ? ['gradient q', 'gradient k'] : [],
  };
}

function cachedAttentionCase(
  n: number,
  start: number,
  capacity: number,
  H: number,
  Hkv: number,
  D: number,
  why: string,
): ConformanceCase {
  const rng = rngFor(9, 'init', n * 10007 + start * 101 + H * 11 + D);
  return {
    operation: cachedAttentionOperation,
    about: `${n} after ${start} in ${capacity}, ${H} heads over ${Hkv}, D ${D}: ${why}`,
    inputs: {
      q: normals(rng, [n, H * D], 1.5),
      k: normals(rng, [n, Hkv * D]),
      v: normals(rng, [n, Hkv * D]),
      cache: normals(rng, [capacity, 2 * Hkv * D]),
    },
    attributes: { start, heads: H, keyValueHeads: Hkv },
    gradientFrom: [],
    tolerance: { forward: 4e-6, backward: 0 },
  };
}

function swigluCase(N: number, C: number, I: number, spread: number, why: string): ConformanceCase {
  const rng = rngFor(6, 'init', N + C + I);
  return {
    operation: swigluOperation,
    about: `[${N}, ${C}], ${I} wide: ${why}`,
    inputs: {
      x: normals(rng, [N, C]),
      gate: normals(rng, [I, C], spread * C ** -0.5),
      up: normals(rng, [I, C], C ** -0.5),
      down: normals(rng, [C, I], I ** -0.5),
    },
    attributes: {},
    gradientFrom: [0],
    tolerance: { forward: 3e-6, backward: 5e-6 },
    step: spread > 1 ? 5e-3 : 0.02,
  };
}

function crossEntropyCase(N: number, V: number, spread: number, why: string): ConformanceCase {
  const rng = rngFor(7, 'init', N + V);
  return {
    operation: crossEntropyOperation,
    about: `[${N}, ${V}]: ${why}`,
    inputs: { logits: normals(rng, [N, V], spread), targets: wholes(rng, [N], V) },
    attributes: {},
    gradientFrom: [0],
    tolerance: { forward: 2e-6, backward: EXPONENTIAL.backward * Math.max(1, spread / 3) },
  };
}

const DENSE_CASES: readonly ConformanceCase[] = [
  linearCase(1, 1, 1, 'the smallest'),
  linearCase(5, 7, 3, 'nothing divides by four'),
  linearCase(4, 8, 8, 'one tile'),
  linearCase(8, 8, 8, 'square, so that a transposed gradient has the right shape'),
  linearCase(1, 130, 48, 'one token'),
  linearCase(33, 17, 29, 'a rest on every side'),
  linearCase(37, 530, 19, 'the sum crosses blocks'),
  linearCase(270, 24, 9, 'many rows'),
  embeddingCase(1, 3, 1, 'one id'),
  embeddingCase(17, 11, 5, 'ids repeat'),
  embeddingCase(40, 64, 32, 'most rows are not asked for'),
  rmsNormCase(1, 1, 1, 'the smallest'),
  rmsNormCase(3, 5, 1, 'nothing divides by four'),
  rmsNormCase(19, 128, 1, 'the default width'),
  rmsNormCase(6, 12, 2e-3, 'so small that eps matters'),
  residualNormCase(1, 1, 1, 'the smallest'),
  residualNormCase(3, 5, 1, 'nothing divides by four'),
  residualNormCase(19, 128, 1, 'the default width'),
  residualNormCase(70, 33, 1, 'more rows than a workgroup has threads'),
  residualNormCase(6, 12, 2e-3, 'so small that eps matters'),
  qkvProjectionsCase(1, 1, 1, 1, 'the smallest'),
  qkvProjectionsCase(8, 8, 8, 8, 'square'),
  qkvProjectionsCase(1, 24, 16, 8, 'one token'),
  qkvProjectionsCase(37, 19, 30, 10, 'fewer keys than queries, a rest on every side'),
  qkNormRopeCase(1, 1, 1, 1, 2, true, 0),
  qkNormRopeCase(12, 4, 3, 1, 6, true, 0),
  qkNormRopeCase(16, 8, 2, 2, 32, true, 3),
  qkNormRopeCase(6, 3, 2, 1, 10, false, 1),
  attentionCase(1, 1, 1, 1, 4, 'one position'),
  attentionCase(2, 5, 3, 3, 6, 'nothing divides by four'),
  attentionCase(1, 37, 4, 2, 8, 'two query heads a key head'),
  attentionCase(2, 16, 4, 1, 32, 'all query heads on one key head'),
  attentionCase(1, 70, 2, 2, 24, 'more than two blocks of positions'),
  attentionCase(1, 40, 1, 1, 8, 'sharp', 4),
  cachedAttentionCase(1, 0, 1, 1, 1, 2, 'the first of one'),
  cachedAttentionCase(1, 0, 5, 2, 2, 4, 'the first token'),
  cachedAttentionCase(1, 6, 7, 3, 3, 6, 'nothing divides by four, and the cache is full'),
  cachedAttentionCase(1, 37, 64, 4, 4, 32, 'one token of the default shape'),
  cachedAttentionCase(3, 9, 16, 4, 2, 8, 'two query heads a key head'),
  cachedAttentionCase(5, 2, 8, 4, 1, 22, 'all query heads on one key head'),
  cachedAttentionCase(37, 0, 40, 2, 1, 24, 'a whole prompt'),
  swigluCase(1, 1, 1, 1, 'the smallest'),
  swigluCase(3, 7, 5, 1, 'nothing divides by four'),
  swigluCase(37, 33, 19, 1, 'a rest on every side'),
  swigluCase(8, 8, 8, 1, 'square matrices'),
  swigluCase(16, 24, 20, 20, 'gates of spread 20'),
  crossEntropyCase(1, 2, 1, 'the smallest'),
  crossEntropyCase(5, 33, 1, 'nothing divides by four'),
  crossEntropyCase(7, 2048, 1, 'the default vocabulary'),
  crossEntropyCase(6, 40, 30, 'logits beyond what exp alone can hold'),
  {
    operation: crossEntropyOperation,
    about: 'logits around a thousand',
    inputs: { logits: floats([1000, 999, 1001, -1000, -1001, -999], [2, 3]), targets: wholes(rngFor(8, 'init'), [2], 3) },
    attributes: {},
    gradientFrom: [0],
    tolerance: { forward: 1e-4, backward: 2e-4 }, // logsumexp itself is rounded to 6e-5 here
    step: 0, // and so drowns any difference quotient
  },
];

/** Every case. Each is checked forward and backward on the current backend. */
export const CONFORMANCE_TABLE: readonly ConformanceCase[] = [
  additionCase(7, 33),
  ...DENSE_CASES,
  ...ROUTING_CASES,
  ...OPTIMIZER_CASES,
  ...FIGURE_CASES,
];

/** The case of `operationName` whose `about` contains `part`. Throws unless there is exactly one. */
export function caseOf(operationName: string, part: string): ConformanceCase {
  const found = CONFORMANCE_TABLE.filter(
    ({ operation, about }) => operation.operationName === operationName && about.includes(part),
  );
  if (found.length !== 1) throw new Error(`${found.length} cases of ${operationName} contain "${part}"`);
  return found[0]!;
}
