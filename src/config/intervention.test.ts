import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expertsPerTokenAt, type Intervention } from './intervention';
import { parseInterventions } from './interventionCheck';
import { decodeInterventions, encodeInterventions } from './interventionLink';
import { PRESETS } from './presets';

const model = PRESETS.default.model; // E 16, K 2, three MoE layers
const grouped = { ...model, nGroup: 4, topkGroup: 2 };
const everywhere = { layers: null, tokens: null };

const expert = fc.integer({ min: 0, max: 15 });
const experts = fc.uniqueArray(expert, { minLength: 1, maxLength: 2 });
const bias = fc.double({ min: -100, max: 100, noNaN: true }).map((value) => Math.fround(value) + 0);
const place = fc.record({
  layers: fc.option(fc.uniqueArray(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 3 })),
  tokens: fc.option(fc.tuple(fc.nat(500), fc.integer({ min: 1, max: 99 })).map(([from, count]) => ({ from, to: from + count }))),
});
const what: fc.Arbitrary<object> = fc.oneof(
  fc.record({ kind: fc.constant('mute'), experts, mode: fc.constantFrom('zero', 'reroute') }),
  expert.map((one) => ({ kind: 'swap', expert: one, instead: (one + 3) % 16 })),
  fc.record({ kind: fc.constant('expertsPerToken'), count: fc.integer({ min: 1, max: 10 }) }),
  fc.constantFrom({ kind: 'sharedOff' }, { kind: 'biasZero' }, { kind: 'topMasked' }),
  fc.record({ kind: fc.constant('biasSet'), experts, value: bias }),
  fc.record({ kind: fc.constant('draw'), by: fc.constantFrom('random', 'hash'), seed: fc.nat(0xffffffff) }),
);
const intervention = fc.tuple(place, what).map(([where, rest]) => ({ ...where, ...rest }) as Intervention);
const frozen = fc
  .array(bias, { minLength: 16, maxLength: 16 })
  .map((values): Intervention => ({ kind: 'biasFrozen', values, layers: [1], tokens: null }));

const faultOf = (given: unknown, on = model): string => {
  const parsed = parseInterventions(given, on);
  return parsed.ok ? 'none' : parsed.error.map(({ field, value, rule }) => `${field} ${String(value)} ${rule}`).join('; ');
};

describe('interventions', () => {
  test('what a link was made from comes back from it', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(intervention, frozen), { maxLength: 3 }), (interventions) => {
        // Three reroutes of two, a passed-over best and K 10 leave fewer than enough: such a list is refused before and after.
        const parsed = parseInterventions(interventions, model);
        expect(decodeInterventions(encodeInterventions(interventions), model)).toEqual(parsed);
        if (parsed.ok) expect(parsed.value).toEqual(interventions);
      }),
    );
  });

  test('a link needs no escape, and any text is an answer, not a fault', () => {
    fc.assert(
      fc.property(fc.array(intervention, { maxLength: 4 }), (interventions) => {
        expect(encodeInterventions(interventions)).toMatch(/^[\w.~!*-]*$/);
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => typeof decodeInterventions(text, model).ok === 'boolean'));
    expect(decodeInterventions('m_*_*_3', model).ok).toBe(false);
    expect(decodeInterventions('h_*_*_3', model).ok).toBe(false);
    expect(decodeInterventions('m_*_1.2.3_3_zero', model).ok).toBe(false);
  });

  test('a fault is named with its place, its value and its rule', () => {
    const mute = { kind: 'mute', experts: [3], mode: 'zero', ...everywhere };
    expect(faultOf([mute])).toBe('none');
    expect(faultOf('all')).toBe('interventions all type');
    expect(faultOf([{ ...mute, experts: [16] }])).toBe('interventions.0.experts 16 range');
    expect(faultOf([{ ...mute, experts: [1, 1] }])).toBe('interventions.0.experts 1, 1 repeated');
    expect(faultOf([{ ...mute, mode: 'off' }])).toBe('interventions.0.mode off oneOf');
    expect(faultOf([{ ...mute, layers: [3] }])).toBe('interventions.0.layers 3 range');
    expect(faultOf([{ ...mute, tokens: { from: 4, to: 4 } }])).toBe('interventions.0.tokens.to 4 range');
    expect(faultOf([{ ...mute, extra: 1 }])).toBe('interventions.0.extra 1 unknown');
    expect(faultOf([mute, { kind: 'explode' }])).toBe('interventions.1.kind explode oneOf');
    expect(faultOf([{ kind: 'swap', expert: 2, instead: 2, ...everywhere }])).toBe('interventions.0.instead 2 repeated');
    expect(faultOf([{ kind: 'biasFrozen', values: [0], layers: [0], tokens: null }])).toBe('interventions.0.values 1 range');
    expect(faultOf([{ kind: 'expertsPerToken', count: 9, ...everywhere }], grouped)).toBe('interventions.0.count 9 range');
    expect(faultOf([mute], PRESETS.dense.model)).toBe('interventions 1 needsExperts');
  });

  test('experts enough are left where interventions meet, and only there is it asked', () => {
    const away = (from: number, to: number, some: number[]) => ({
      kind: 'mute',
      experts: some,
      mode: 'reroute',
      layers: null,
      tokens: { from, to },
    });
    const low = Array.from({ length: 8 }, (_, index) => index);
    const high = low.map((index) => index + 8);
    expect(faultOf([away(0, 4, low), away(4, 8, high)])).toBe('none');
    expect(faultOf([away(0, 5, low), away(4, 8, high)])).toBe('interventions.mute 0 atLeast');
    const force = (some: number[]) => ({ kind: 'force', experts: some, ...everywhere });
    expect(faultOf([force([1, 2, 3])])).toBe('interventions.force 3 atMost');
    expect(faultOf([force([1]), away(0, 2, [1])])).toBe('interventions.force 1 repeated');
    expect(faultOf([force([1, 5, 9])], { ...grouped, numExpertsPerTok: 4 })).toBe('interventions.force 3 atMost');
  });

  test('the last K named for a decision counts', () => {
    const some: Intervention[] = [
      { kind: 'expertsPerToken', count: 3, ...everywhere },
      { kind: 'expertsPerToken', count: 1, layers: [1], tokens: { from: 2, to: 4 } },
    ];
    expect([0, 1].map((layer) => [1, 2, 4].map((t) => expertsPerTokenAt(some, 2, layer, t)))).toEqual([
      [3, 3, 3],
      [3, 1, 3],
    ]);
  });
});
