import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../protocol/errors';
import { isTextKey } from '../text/catalogue';
import { LANGUAGES } from '../text/language';
import { describeFieldError, fieldLabel } from './describe';
import type { FieldError } from './fieldError';
import { FIELD_GROUPS, FIELDS } from './fields';
import { PRESET_IDS } from './presets';

const unwritten = (keys: readonly string[]) => keys.filter((key) => !isTextKey(key));

describe('words for the configuration', () => {
  test('every field has a label and a help sentence, every choice its words', () => {
    const keys = FIELDS.flatMap((field) => [
      `field.${field.path}.label`,
      `field.${field.path}.help`,
      ...(field.kind === 'choice' ? field.options.map((option) => `field.${field.path}.option.${option}`) : []),
    ]);
    expect(unwritten(keys)).toEqual([]);
    expect(unwritten(FIELD_GROUPS.map((group) => `field.group.${group}`))).toEqual([]);
  });

  test('every preset has a name and a description', () => {
    expect(unwritten(PRESET_IDS.flatMap((id) => [`preset.${id}.name`, `preset.${id}.description`]))).toEqual([]);
  });
});

describe('words for what went wrong', () => {
  // A rule or a code without an entry here fails the type check.
  const rules = {
    type: { expected: 'integer' },
    integer: {},
    range: { min: 1, max: 2 },
    even: {},
    divides: { otherField: 'model.nRoutedExperts', other: 3 },
    multipleOf: { otherField: 'train.shards', other: 3 },
    atMost: { otherField: 'model.nGroup', other: 1 },
    atLeast: { min: 1, otherField: 'model.nRoutedExperts', other: 2 },
    groupSize: { experts: 4 },
    reach: { reach: 2, groups: 1 },
    needsExperts: {},
    oneOf: { options: 'a, b' },
    json: {},
    repeated: {},
    unknown: {},
  } satisfies Record<FieldError['rule'], FieldError['params']>;
  const codes = {
    'invalid-config': 1,
    'backend-unavailable': 1,
    'engine-crashed': 1,
    'device-lost': 1,
    'corpus-missing': 1,
    'corpus-damaged': 1,
    'no-text': 1,
    'no-run': 1,
    'model-unavailable': 1,
    'non-finite-step': 1,
    'out-of-memory': 1,
    'storage-full': 1,
    'storage-denied': 1,
    'storage-failed': 1,
    'storage-stuck': 1,
    'storage-damaged': 1,
    'run-elsewhere': 1,
    'run-unreadable': 1,
    'run-other-text': 1,
    'invalid-question': 1,
    'checkpoint-unreadable': 1,
    'checkpoint-unwritable': 1,
    cancelled: 1,
    internal: 1,
  } satisfies Record<ErrorCode, 1>;

  test('every rule becomes a whole sentence in both languages', () => {
    for (const language of LANGUAGES) {
      for (const [rule, params] of Object.entries(rules)) {
        const sentence = describeFieldError(language, {
          field: 'model.nGroup',
          value: 3,
          rule: rule as FieldError['rule'],
          params,
        });
        expect(sentence).not.toMatch(/[{}]|error\.|field\./);
        expect(sentence).toContain('3');
        expect(sentence).toContain(fieldLabel(language, 'model.nGroup'));
      }
    }
  });

  test('every error code says what, why and what next', () => {
    expect(unwritten(Object.keys(codes).map((code) => `error.code.${code}`))).toEqual([]);
  });

  test('a missing value is called missing, an unknown field by its path', () => {
    const error: FieldError = { field: 'model.width', value: undefined, rule: 'unknown', params: {} };
    expect(describeFieldError('en', error)).toBe('model.width (missing) is not a field of a configuration.');
  });
});
