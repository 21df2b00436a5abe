import { expect, test } from 'vitest';
import { findField } from '../../config/fields';
import type { ModelConfig } from '../../config/modelConfig';
import { PRESETS } from '../../config/presets';
import { checkRunConfig } from '../../config/validate';
import { inRange, isNumeric, rangeIn } from './fieldRange';

const field = findField('model.numExpertsPerTok')!;
const withModel = (model: Partial<ModelConfig>) => ({
  ...PRESETS.default,
  model: { ...PRESETS.default.model, ...model },
});
const rangeOf = (model: Partial<ModelConfig>) => (isNumeric(field) ? rangeIn(withModel(model), field) : null);

test.each([
  [{ nRoutedExperts: 8 }, { min: 1, max: 8 }],
  [
    { nRoutedExperts: 16, nGroup: 4, topkGroup: 2 },
    { min: 1, max: 8 },
  ],
  [{ nRoutedExperts: 0 }, { min: 0, max: 0 }],
  [{ nRoutedExperts: NaN }, { min: 0, max: 128 }],
])('a router chooses one expert at least, and no more than there are to choose from: %o', (model, range) => {
  expect(rangeOf(model)).toEqual(range);
});

test('no value within the range is refused for being too many, the next one beyond is', () => {
  const chosen = (numExpertsPerTok: number) =>
    checkRunConfig(withModel({ nRoutedExperts: 16, nGroup: 4, topkGroup: 2, numExpertsPerTok }));
  const { min, max } = rangeOf({ nRoutedExperts: 16, nGroup: 4, topkGroup: 2 })!;
  expect([min, max].flatMap(chosen)).toEqual([]);
  expect(chosen(max + 1)).toHaveLength(1);
});

test('a value beyond the field’s own limits is told the narrower ones', () => {
  const fault = checkRunConfig(withModel({ nRoutedExperts: 8, numExpertsPerTok: 200 }))[0]!;
  expect(inRange(fault, { min: 1, max: 8 })).toMatchObject({ rule: 'range', value: 200, params: { min: 1, max: 8 } });
});
