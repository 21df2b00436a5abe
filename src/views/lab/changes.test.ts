// What a form of a change means, and how ranges of tokens are written.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PromptTrace } from '../../analysis/promptTrace';
import type { Intervention } from '../../config/intervention';
import { parseInterventions } from '../../config/interventionCheck';
import { decodeInterventions, encodeInterventions } from '../../config/interventionLink';
import { PRESETS } from '../../config/presets';
import { biasOf, biasUnder, DRAFT_KINDS, interventionsOf, shortest, withBias, type ChangeDraft } from './changeDraft';
import { parseRange, rangeText } from './tokenRange';
import { markOf, weightsOf, type Marked } from './tokenLook';

const { model } = PRESETS.default;
const E = model.nRoutedExperts;
const LAYERS = model.numHiddenLayers - model.firstKDenseReplace;
/** Two tokens; the bias of expert e in layer l is 0.1·l + e/7 in float32. */
const offsets = Float32Array.from({ length: LAYERS * 2 * E }, (_, at) => 0.1 * Math.floor(at / (2 * E)) + (at % E) / 7);
const trace = { layers: LAYERS, tokens: 2, experts: E, offsets } as unknown as PromptTrace;
const draft: ChangeDraft = { kind: 'zero', layers: [1], experts: [3, 4], instead: 5, count: 1, value: 0.25, seed: 9 };

test('every kind of the form is a change the engine takes, and survives a link to the bit', () => {
  for (const kind of DRAFT_KINDS) {
    const experts = kind === 'force' ? [3] : draft.experts;
    for (const layers of [[], [1]]) {
      const made = interventionsOf({ ...draft, kind, experts, layers }, { from: 1, to: 3 }, trace);
      expect(parseInterventions(made, model), kind).toEqual({ ok: true, value: made });
      expect(decodeInterventions(encodeInterventions(made), model)).toEqual({ ok: true, value: made });
      expect(made.map((one) => one.tokens)).toEqual(made.map(() => ({ from: 1, to: 3 })));
    }
  }
});

test('a bias that is frozen is the one the model has, layer by layer, as float32', () => {
  const made = interventionsOf({ ...draft, kind: 'biasFrozen', layers: [] }, null, trace);
  expect(made).toHaveLength(LAYERS);
  for (const [layer, one] of made.entries()) {
    expect(one).toMatchObject({ kind: 'biasFrozen', layers: [layer] });
    const { values } = one as Extract<Intervention, { kind: 'biasFrozen' }>;
    expect(Float32Array.from(values)).toEqual(offsets.slice(layer * 2 * E, (layer * 2 + 1) * E));
  }
});

test('the shortest decimal of a float32 is that float32', () => {
  fc.assert(fc.property(fc.float({ noNaN: true }), (value) => Object.is(Math.fround(shortest(value)), value)));
  expect(shortest(Math.fround(0.1))).toBe(0.1);
  expect(shortest(-0)).toBe(-0);
});

test('a bias set by hand is what stands; set again it replaces the first; the last change counts', () => {
  const bias = biasOf(trace, 0);
  const once = withBias([], 0, 2, 0.5, null);
  const twice = withBias(once, 0, 2, 0.75, null);
  expect(twice).toHaveLength(1);
  expect(biasUnder(bias, twice, 0, 0)).toEqual(bias.map((value, expert) => (expert === 2 ? 0.75 : value)));
  expect(biasUnder(bias, twice, 1, 0)).toEqual(bias);
  const zeroed: Intervention = { kind: 'biasZero', layers: null, tokens: { from: 1, to: 2 } };
  expect(biasUnder(bias, [...twice, zeroed], 0, 1)).toEqual(bias.map(() => 0));
  expect(biasUnder(bias, [...twice, zeroed], 0, 2)[2]).toBe(0.75);
  expect(withBias(twice, 0, 2, 1, { from: 0, to: 1 })).toHaveLength(2);
});

test('a range is read as it is written; what is none is told from all', () => {
  const range = fc.tuple(fc.nat(9999), fc.nat(99)).map(([from, more]) => ({ from, to: from + 1 + more }));
  fc.assert(
    fc.property(range, (some) => {
      expect(parseRange(rangeText(some))).toEqual(some);
    }),
  );
  expect(parseRange(' 3 - 7 ')).toEqual({ from: 3, to: 8 });
  expect(parseRange('')).toBeNull();
  for (const wrong of ['7-3', 'a', '-1', '1-2-3', '1.5', '99999999']) expect(parseRange(wrong), wrong).toBeUndefined();
});

test('marks show the figures of the trace: share changed by the bias, weight of one expert, attention of one head', () => {
  const small: PromptTrace = {
    ...trace,
    layers: 1,
    tokens: 3,
    experts: 4,
    expertsPerToken: 2,
    chosen: Int16Array.of(0, 1, 2, 0, 3, -1),
    weights: Float32Array.of(0.75, 0.25, 0.5, 0.5, 1, 0),
    offsetChanged: Uint8Array.of(0, 1, 1),
    margins: Float32Array.of(0.1, 0.2, 0.3),
    surprise: Float32Array.of(NaN, 1.25, 2),
  };
  const maps = Float32Array.from({ length: 18 }, (_, at) => at / 20);
  const marked: Marked = {
    trace: small,
    layer: 0,
    expert: 0,
    from: 1,
    head: 1,
    attention: { of: {} as never, layer: 0, heads: 2, tokens: 3, maps },
    surpriseChange: null,
  };
  const words = {
    fixed: (value: number, digits: number) => value.toFixed(digits),
    signed: (value: number) => String(value),
    percent: (share: number) => `${Math.round(share * 100)}%`,
  };
  const tags = (by: Parameters<typeof markOf>[0]) => [0, 1, 2].map((token) => markOf(by, token, marked, 'light', words).tag);
  expect(weightsOf(small, 0, 0)).toEqual([0.75, 0.5, 0]);
  expect(tags('gate')).toEqual(['0.75', '0.50', '·']);
  expect(tags('bias')).toEqual(['0%', '50%', '100%']);
  expect(tags('attention')).toEqual(['60%', '65%', '·']);
  expect(tags('surprise')).toEqual(['–', '1.3', '2.0']);
  expect(tags('expert')).toEqual(['0', '2', '3']);
});
