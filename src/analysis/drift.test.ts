// Drift between two moments, against plain loops written from the definition.
import { describe, expect, test } from 'vitest';
import { rngFor } from '../core/rng';
import {
  allWeights,
  joinedParts,
  movement,
  ofGroup,
  ofLayer,
  placeOf,
  relativeDrift,
  rootMeanSquareDrift,
  type DriftPart,
} from './drift';

const rng = rngFor(5, 'sample');
const random = (length: number): Float32Array => Float32Array.from({ length }, () => rng.normal());
const NAMES = [
  'model.embed_tokens.weight',
  'model.layers.0.mlp.up_proj.weight',
  'model.layers.1.mlp.gate.weight',
  'model.layers.1.mlp.experts.up_proj.weight',
  'model.layers.1.mlp.experts.down_proj.weight',
  'model.layers.1.mlp.gate.e_score_correction_bias',
];
const tensors = NAMES.map((name, index) => ({ name, now: random(3 + 5 * index), before: random(3 + 5 * index) }));
const parts = joinedParts(tensors.map(({ name, now, before }) => ({ ...placeOf(name), ...movement(now, before) })));

/** ‖w − r‖ and ‖r‖ of some tensors laid end to end. */
function byLoop(names: readonly string[]): { moved: number; length: number; numbers: number } {
  const some = tensors.filter(({ name }) => names.includes(name));
  const [now, then] = [some.flatMap((one) => [...one.now]), some.flatMap((one) => [...one.before])];
  return {
    moved: Math.hypot(...now.map((value, i) => value - then[i]!)),
    length: Math.hypot(...then),
    numbers: now.length,
  };
}

describe('drift', () => {
  test('is the length of the change over the length of what changed', () => {
    const all = byLoop(NAMES.slice(0, 5));
    expect(relativeDrift(allWeights(parts))).toBeCloseTo(all.moved / all.length, 12);
    const experts = byLoop(NAMES.slice(3, 5));
    expect(relativeDrift(ofGroup(parts, 'experts'))).toBeCloseTo(experts.moved / experts.length, 12);
    const bias = byLoop(NAMES.slice(5));
    expect(rootMeanSquareDrift(ofGroup(parts, 'bias'))).toBeCloseTo(bias.moved / Math.sqrt(bias.numbers), 12);
  });

  test('of a layer is that of what learns in it, however many ones its norms are', () => {
    const norms = ['input_layernorm', 'post_attention_layernorm'].map((name) => {
      const values = new Float32Array(1000).fill(1);
      return { ...placeOf(`model.layers.1.${name}.weight`), ...movement(values, values) };
    });
    const layer = byLoop(NAMES.slice(2, 5));
    expect(relativeDrift(ofLayer(joinedParts([...parts, ...norms]), 1))).toBeCloseTo(layer.moved / layer.length, 12);
    expect(ofGroup(norms, 'norm')).toHaveLength(2);
  });

  test('comes one part a group and layer, in a fixed order', () => {
    expect(parts.map(({ group, layer, count }) => [group, layer, count])).toEqual([
      ['embedding', null, 3],
      ['mlp', 0, 8],
      ['router', 1, 13],
      ['experts', 1, 18 + 23],
      ['bias', 1, 28],
    ]);
  });

  test('from a bias of zero has no relative size, and one of the numbers themselves', () => {
    const part: DriftPart = { group: 'bias', layer: 1, ...movement(Float32Array.of(3, -4), new Float32Array(2)) };
    expect(relativeDrift([part])).toBeNaN();
    expect(rootMeanSquareDrift([part])).toBeCloseTo(5 / Math.SQRT2, 12);
  });

  test('of a name that no model has is a mistake', () => {
    expect(() => placeOf('model.layers.1.mystery.weight')).toThrow('mystery');
  });
});
