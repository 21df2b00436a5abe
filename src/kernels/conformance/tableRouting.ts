// Conformance cases of everything that routes: router, sorted assignments, experts, balance.
import { rngFor } from '../../core/rng';
import { assignmentsOperation } from '../assignments/assignments';
import { biasUpdateOperation } from '../expertBias/expertBias';
import { expertsOperation } from '../experts/experts';
import { routerOperation, type RouterAttributes } from '../router/router';
import { sequenceBalanceOperation } from '../sequenceBalance/sequenceBalance';
import { distinctChoices, floats, ints, normals, sortedAssignments, type PlainTensor } from './arrays';
import type { ConformanceCase } from './check';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const NOTHING_GIVEN = -1;

interface RouterSetup extends Partial<RouterAttributes> {
  N: number;
  E: number;
  expertsPerToken: number;
  /** A choice offset and a contribution of each token's own, [N, E] instead of [1, E]. */
  perToken?: boolean;
  /** Every second token gets its experts from outside. */
  someGiven?: boolean;
  logits?: PlainTensor;
  choiceOffset?: PlainTensor;
  mayVanish?: readonly string[];
  step?: number;
}

function routerCase(about: string, setup: RouterSetup): ConformanceCase {
  const { N, E, expertsPerToken, groups = 1, topGroups = 1, normalise = true, scale = 1 } = setup;
  const rng = rngFor(21, 'init', N * 1009 + E * 17 + expertsPerToken);
  const rows = setup.perToken ? N : 1;
  const given = distinctChoices(rng, N, expertsPerToken, upTo(E));
  const kept = given.values.map((expert, index) =>
    Math.floor(index / expertsPerToken) % 2 === 0 ? expert : NOTHING_GIVEN,
  ) as Int32Array;
  return {
    operation: routerOperation,
    about: `[${N}, ${E}] top ${expertsPerToken}: ${about}`,
    inputs: {
      logits: setup.logits ?? normals(rng, [N, E]),
      choiceOffset: setup.choiceOffset ?? normals(rng, [rows, E], 0.2),
      contribution: normals(rng, [rows, E], 0.3, 1),
      given: setup.someGiven
        ? { values: kept, shape: [N, expertsPerToken] }
        : ints(Array<number>(expertsPerToken).fill(NOTHING_GIVEN), [1, expertsPerToken]),
    },
    attributes: { expertsPerToken, groups, topGroups, normalise, scale },
    gradientFrom: [0, 2],
    tolerance: { forward: 2e-6, backward: 4e-6 },
    step: setup.step ?? 1e-3,
    mayVanish: setup.mayVanish,
  };
}

function assignmentsCase(about: string, chosen: PlainTensor, experts: number): ConformanceCase {
  const rng = rngFor(22, 'init', chosen.values.length + experts);
  return {
    operation: assignmentsOperation,
    about: `${chosen.shape.join('×')} over ${experts}: ${about}`,
    inputs: { chosen, weights: normals(rng, chosen.shape, 0.2, 0.5) },
    attributes: { experts },
    gradientFrom: [],
    tolerance: { forward: 1e-6, backward: 0 },
    mayVanish: chosen.values.length === 1 ? ['output 1', 'output 2'] : [],
  };
}

interface ExpertsShape {
  N: number;
  C: number;
  I: number;
  E: number;
  K: number;
  /** Experts in use; all others get no token. */
  pool?: readonly number[];
}

function expertsCase(about: string, { N, C, I, E, K, pool = upTo(E) }: ExpertsShape): ConformanceCase {
  const rng = rngFor(23, 'init', N * 1009 + C * 31 + I * 7 + E);
  const chosen = distinctChoices(rng, N, K, pool);
  return {
    operation: expertsOperation,
    about: `[${N}, ${C}], ${K} of ${E} experts ${I} wide: ${about}`,
    inputs: {
      x: normals(rng, [N, C]),
      weights: normals(rng, [N, K], 0.2, 0.5),
      chosen,
      ...sortedAssignments(chosen, E),
      gate: normals(rng, [E, I, C], C ** -0.5),
      up: normals(rng, [E, I, C], C ** -0.5),
      down: normals(rng, [E, C, I], I ** -0.5),
    },
    attributes: {},
    gradientFrom: [0],
    tolerance: { forward: 3e-6, backward: 5e-6 },
  };
}

function balanceCase(B: number, T: number, E: number, K: number, layers = 2): ConformanceCase {
  const rng = rngFor(24, 'init', B + T + E);
  const scoresOf = (): PlainTensor => {
    const logits = normals(rng, [B * T, E]);
    return { ...logits, values: (logits.values as Float32Array).map((x) => 1 / (1 + Math.exp(-x))) };
  };
  return {
    operation: sequenceBalanceOperation,
    about: `${layers} layers, ${B} sequences of ${T}, ${K} of ${E}`,
    inputs: Object.fromEntries(upTo(layers).map((layer) => [`scores${layer}`, scoresOf()])),
    attributes: { sequences: B, expertsPerToken: K },
    gradientFrom: [0],
    tolerance: { forward: 2e-6, backward: 4e-6 },
    step: 2e-4,
    noise: K === E ? 1e-6 : 0, // with every expert chosen the loss is 1 whatever the scores are
    mayVanish: K === E ? upTo(layers).map((layer) => `gradient scores${layer}`) : [],
  };
}

function biasCase(
  about: string,
  loads: readonly (readonly number[])[],
  proportional: boolean,
  recentred: boolean,
  finite = 1,
): ConformanceCase {
  const layers = loads.flatMap((load, n) => {
    const rng = rngFor(28, 'init', n);
    const mass = load.map(() => rng.normal());
    const tensors = { totals: floats([...load, ...mass], [2, load.length]), bias: normals(rng, [1, load.length], 0.1) };
    return Object.entries(tensors).map(([name, tensor]) => [`${name}${n}`, tensor] as const);
  });
  return {
    operation: biasUpdateOperation,
    about,
    inputs: { control: floats([3, 1, finite], [3]), ...Object.fromEntries(layers) },
    attributes: { speed: 1e-3, proportional, recentred },
    gradientFrom: [],
    tolerance: { forward: 1e-6, backward: 0 },
    mayVanish: finite ? [] : loads.map((_, n) => `output ${n}`),
  };
}

const LOAD = [3, 0, 9, 4, 4, 6, 2, 4]; // mean 4: three experts stand exactly on it

export const ROUTING_CASES: readonly ConformanceCase[] = [
  routerCase('the smallest', { N: 1, E: 1, expertsPerToken: 1, normalise: false, mayVanish: ['output 1', 'output 3'] }),
  routerCase('one expert a token', { N: 7, E: 5, expertsPerToken: 1 }),
  routerCase('the default preset', { N: 33, E: 16, expertsPerToken: 2 }),
  routerCase('scaled, not normalised', { N: 6, E: 7, expertsPerToken: 3, normalise: false, scale: 2.5 }),
  routerCase('offset and contribution of each token', { N: 9, E: 6, expertsPerToken: 2, perToken: true, scale: 2.5 }),
  routerCase('some experts given', { N: 10, E: 8, expertsPerToken: 2, someGiven: true }),
  routerCase('two of four groups', { N: 12, E: 16, expertsPerToken: 3, groups: 4, topGroups: 2, scale: 2.5 }),
  routerCase('groups of one', { N: 5, E: 4, expertsPerToken: 2, groups: 4, topGroups: 3 }),
  routerCase('a kept group holds no more than K', { N: 5, E: 9, expertsPerToken: 3, groups: 3, topGroups: 1 }),
  routerCase('all experts', { N: 4, E: 3, expertsPerToken: 3, mayVanish: ['output 3'] }),
  routerCase('the shape of dots.llm1', { N: 10, E: 128, expertsPerToken: 6, scale: 2.5 }),
  routerCase('every score equal', {
    N: 3,
    E: 12,
    expertsPerToken: 4,
    logits: floats(Array<number>(36).fill(0.25), [3, 12]),
    choiceOffset: floats(Array<number>(12).fill(0), [1, 12]),
    mayVanish: ['output 3'],
    step: 0,
  }),
  routerCase('ties in pairs', {
    N: 2,
    E: 8,
    expertsPerToken: 3,
    logits: floats([0, 1, 1, 0, 2, 2, 1, 1, -1, -1, 0, 0, 0, -1, -1, 0], [2, 8]),
    choiceOffset: floats([0, 0, 0, 0, -1, -1, 0, 0], [1, 8]),
    step: 0,
  }),
  routerCase('saturated scores', {
    N: 2,
    E: 4,
    expertsPerToken: 2,
    logits: floats([-60, -50, -40, -30, 12, 14, -90, 3], [2, 4]),
    choiceOffset: floats([0, 0, 0, 0], [1, 4]),
  }),
  assignmentsCase('one', ints([0], [1, 1]), 1),
  assignmentsCase('every expert in use', distinctChoices(rngFor(25, 'init'), 19, 3, upTo(7)), 7),
  assignmentsCase('only the last expert', ints(Array<number>(9).fill(4), [9, 1]), 5),
  assignmentsCase('the first and the last without a token', distinctChoices(rngFor(26, 'init'), 30, 2, [1, 2, 4]), 6),
  assignmentsCase('many', distinctChoices(rngFor(27, 'init'), 100, 6, upTo(128)), 128),
  expertsCase('the smallest', { N: 1, C: 1, I: 1, E: 1, K: 1 }),
  expertsCase('one token', { N: 1, C: 16, I: 8, E: 4, K: 2 }),
  expertsCase('nothing divides by four', { N: 13, C: 7, I: 5, E: 3, K: 2 }),
  expertsCase('experts without a token', { N: 33, C: 20, I: 12, E: 6, K: 3, pool: [1, 2, 4] }),
  expertsCase('all tokens on one expert', { N: 21, C: 8, I: 12, E: 4, K: 1, pool: [2] }),
  expertsCase('the widths of the default preset', { N: 40, C: 128, I: 24, E: 16, K: 2 }),
  expertsCase('square matrices', { N: 24, C: 8, I: 8, E: 4, K: 2 }),
  balanceCase(1, 1, 3, 1),
  balanceCase(3, 7, 5, 2),
  balanceCase(2, 16, 16, 2),
  balanceCase(2, 3, 4, 4),
  balanceCase(2, 5, 6, 2, 4),
  biasCase('sign', [LOAD], false, false),
  biasCase('proportional', [LOAD], true, false),
  biasCase('sign, recentred', [LOAD], false, true),
  biasCase('proportional, recentred', [LOAD], true, true),
  biasCase('a step that is not finite', [LOAD], false, false, 0),
  biasCase(
    'more layers than a device binds',
    Array.from({ length: 7 }, (_, n) => LOAD.map((load) => load + (n % 3))),
    false,
    false,
  ),
  biasCase('five experts', [[1, 2, 3, 5, 9]], false, false),
];
