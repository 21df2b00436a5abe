import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arbitraryConfig } from '../testing/arbitraryConfig';
import type { FieldError } from './fieldError';
import { differingFields, FIELDS, fieldValue, findField, withField } from './fields';
import type { ModelConfig } from './modelConfig';
import { PRESET_IDS, PRESETS } from './presets';
import type { RunConfig, TrainConfig } from './trainConfig';
import { checkField, checkRunConfig, parseLiveChange, parseRunConfig } from './validate';

const base = PRESETS.default;
const model = (change: Partial<ModelConfig>): RunConfig => ({ ...base, model: { ...base.model, ...change } });
const train = (change: Partial<TrainConfig>): RunConfig => ({ ...base, train: { ...base.train, ...change } });
const named = (errors: readonly FieldError[]) => errors.map(({ field, rule }) => `${field} ${rule}`);
const errorsOf = (json: unknown) => {
  const parsed = parseRunConfig(json);
  return parsed.ok ? [] : parsed.error;
};

describe('the field table', () => {
  test('describes every field of a configuration, and nothing else', () => {
    const paths = (['model', 'train', 'data'] as const).flatMap((name) => Object.keys(base[name]).map((key) => `${name}.${key}`));
    expect(FIELDS.map((field) => field.path).sort()).toEqual(paths.sort());
  });

  test('names of fields are unique across sections, so a link needs no section', () => {
    expect(new Set(FIELDS.map((field) => field.key)).size).toBe(FIELDS.length);
  });

  test('a logarithmic control starts above zero', () => {
    for (const field of FIELDS) if ('scale' in field && field.scale === 'log') expect(field.min).toBeGreaterThan(0);
  });

  test('model fields carry their Hugging Face name', () => {
    expect(findField('model.numExpertsPerTok')?.codeName).toBe('num_experts_per_tok');
    expect(findField('model.firstKDenseReplace')?.codeName).toBe('first_k_dense_replace');
    expect(findField('model.nRoutedExperts')?.codeName).toBe('n_routed_experts');
  });
});

describe('valid configurations', () => {
  test.each(PRESET_IDS)('preset %s is valid and survives JSON unchanged', (id) => {
    expect(checkRunConfig(PRESETS[id])).toEqual([]);
    expect(parseRunConfig(JSON.parse(JSON.stringify(PRESETS[id])))).toEqual({ ok: true, value: PRESETS[id] });
  });

  test('the real routing shape, its full depth, grouped queries, kept groups and a dense model are allowed', () => {
    const shapes = [
      model({ nRoutedExperts: 128, nSharedExperts: 2, numExpertsPerTok: 6, numHiddenLayers: 62 }),
      model({ numAttentionHeads: 32, numKeyValueHeads: 4, headDim: 128 }),
      model({ nGroup: 4, topkGroup: 2, numExpertsPerTok: 8 }),
      model({ nRoutedExperts: 0, nSharedExperts: 0, numExpertsPerTok: 0 }),
      model({ numExpertsPerTok: 16 }),
    ];
    for (const shape of shapes) expect(checkRunConfig(shape)).toEqual([]);
  });

  test('every valid configuration parses to itself', () => {
    fc.assert(
      fc.property(arbitraryConfig, (config) => {
        expect(parseRunConfig(JSON.parse(JSON.stringify(config)))).toEqual({ ok: true, value: config });
      }),
    );
  });
});

describe('rules between fields', () => {
  const cases: readonly [string, RunConfig, string][] = [
    ['an odd head has no half to rotate', model({ headDim: 7 }), 'model.headDim even'],
    ['key heads divide query heads', model({ numKeyValueHeads: 3 }), 'model.numKeyValueHeads divides'],
    ['dense layers are layers', model({ firstKDenseReplace: 5 }), 'model.firstKDenseReplace atMost'],
    ['no more experts are chosen than there are', model({ numExpertsPerTok: 17 }), 'model.numExpertsPerTok atMost'],
    ['a router chooses at least one', model({ numExpertsPerTok: 0 }), 'model.numExpertsPerTok atLeast'],
    ['groups are of equal size', model({ nGroup: 3 }), 'model.nGroup divides'],
    ['a group holds two experts at least', model({ nGroup: 16, topkGroup: 16 }), 'model.nGroup groupSize'],
    ['no more groups are kept than there are', model({ nGroup: 2, topkGroup: 3 }), 'model.topkGroup atMost'],
    ['kept groups hold enough experts', model({ nGroup: 4, topkGroup: 1, numExpertsPerTok: 5 }), 'model.numExpertsPerTok reach'],
    [
      'no shared experts without routed ones',
      model({ nRoutedExperts: 0, numExpertsPerTok: 0 }),
      'model.nSharedExperts needsExperts',
    ],
    [
      'nothing to choose in a dense model',
      model({ nRoutedExperts: 0, nSharedExperts: 0 }),
      'model.numExpertsPerTok needsExperts',
    ],
    ['shards are of equal size', train({ batchSize: 15, shards: 4 }), 'train.batchSize multipleOf'],
    ['a sequence fits its positions', train({ sequenceLength: 513 }), 'train.sequenceLength atMost'],
  ];
  test.each(cases)('%s', (_law, config, expected) => {
    expect(named(checkRunConfig(config))).toEqual([expected]);
    expect(named(errorsOf(config))).toEqual([expected]);
  });

  test('shards left to the backend fit any batch', () => {
    expect(checkRunConfig(train({ batchSize: 15, shards: 0 }))).toEqual([]);
  });

  test('an error carries the value and what it was held against', () => {
    expect(checkRunConfig(train({ batchSize: 15, shards: 4 }))[0]).toEqual({
      field: 'train.batchSize',
      value: 15,
      rule: 'multipleOf',
      params: { otherField: 'train.shards', other: 4 },
    });
  });
});

describe('what is no configuration', () => {
  test('a missing field is named', () => {
    const { hiddenSize: _, ...rest } = base.model;
    expect(named(errorsOf({ ...base, model: rest }))).toEqual(['model.hiddenSize type']);
    expect(named(errorsOf({ model: base.model, train: base.train }))).toEqual(['data type']);
  });

  test.each([
    [NaN, 'type'],
    ['128', 'type'],
    [null, 'type'],
    [[128], 'type'],
    [{}, 'type'],
    [true, 'type'],
    [Infinity, 'range'],
    [-1, 'range'],
    [1e300, 'range'],
    [64.5, 'integer'],
  ])('hiddenSize %s is refused', (value, rule) => {
    expect(named(errorsOf({ ...base, model: { ...base.model, hiddenSize: value } }))).toEqual([`model.hiddenSize ${rule}`]);
  });

  test('inherited values are not given values', () => {
    expect(errorsOf({ ...base, model: Object.create(base.model) as unknown }).length).toBe(Object.keys(base.model).length);
  });

  test('a __proto__ key is an unknown field and reaches no prototype', () => {
    const text = JSON.stringify(base).replace('"model":{', '"__proto__":{"polluted":1},"model":{"__proto__":{"polluted":1},');
    expect(named(errorsOf(JSON.parse(text)))).toEqual(['config.__proto__ unknown', 'model.__proto__ unknown']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('a huge input is answered briefly and quickly', () => {
    const flood = Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`x${i}`, 'y'.repeat(10)]));
    const errors = errorsOf({ ...base, ...flood, data: { ...base.data, domains: Array.from({ length: 1e6 }, () => 'poetry') } });
    expect(errors.length).toBeLessThan(30);
    expect(JSON.stringify(errorsOf({ ...base, train: { ...base.train, balanceMode: 'z'.repeat(1e6) } })).length).toBeLessThan(
      400,
    );
  });

  test('anything at all comes back as a value: a configuration within its limits, or errors naming fields', () => {
    const damaged = fc.tuple(fc.constantFrom(...FIELDS), fc.anything()).map(([field, value]) => {
      return { ...base, [field.section]: { ...base[field.section], [field.key]: value } };
    });
    fc.assert(
      fc.property(fc.oneof(fc.anything(), damaged), (input) => {
        const parsed = parseRunConfig(input);
        if (parsed.ok) expect(checkRunConfig(parsed.value)).toEqual([]);
        else for (const error of parsed.error) expect(error.field).not.toBe('');
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('fields one at a time', () => {
  test('a field changed and changed back differs nowhere', () => {
    for (const field of FIELDS) {
      const before = fieldValue(base, field);
      const changed = withField(base, field, field.kind === 'boolean' ? !before : field.kind === 'names' ? ['law'] : 'other');
      expect(differingFields(base, changed)).toEqual([field]);
      expect(differingFields(base, withField(changed, field, before))).toEqual([]);
    }
  });

  test('the limits themselves are within the limits, and beyond them is not', () => {
    for (const field of FIELDS) {
      if (!('min' in field)) continue;
      expect(checkField(field, field.min)).toBeNull();
      expect(checkField(field, field.max)).toBeNull();
      expect(checkField(field, field.max + 1)?.rule).toBe('range');
      expect(checkField(field, field.min - 1)?.rule).toBe('range');
    }
  });
});

describe('live changes', () => {
  test('a live field within its limits is accepted', () => {
    expect(parseLiveChange({ balanceMode: 'none', learningRate: 1e-3 })).toEqual({
      ok: true,
      value: { balanceMode: 'none', learningRate: 1e-3 },
    });
  });

  test.each([
    [{ batchSize: 4 }, ['train.batchSize unknown']],
    [{ learningRate: NaN }, ['train.learningRate type']],
    [{ balanceMode: 'off' }, ['train.balanceMode oneOf']],
    [{}, ['change type']],
    [null, ['change type']],
  ])('%o is refused', (change, expected) => {
    const parsed = parseLiveChange(change);
    expect(parsed.ok ? [] : named(parsed.error)).toEqual(expected);
  });
});
