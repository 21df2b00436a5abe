// Words for what is wrong with a field, in the person's language.
import { isTextKey } from '../text/catalogue';
import type { Language } from '../text/language';
import { translateLoose } from '../text/translate';
import type { FieldError } from './fieldError';
import { briefValue } from './validate';

/** The label of the field at `path`; a path nobody wrote a label for shows itself. */
export function fieldLabel(language: Language, path: string): string {
  const key = [`field.${path}.label`, `error.field.${path}`].find(isTextKey);
  return key ? translateLoose(language, key) : path;
}

/** One sentence naming the field, its value and the rule it breaks. */
export function describeFieldError(language: Language, error: FieldError): string {
  const params: Record<string, string | number> = {
    ...error.params,
    field: fieldLabel(language, error.field),
    value: shown(language, error.value),
  };
  const { otherField, expected } = error.params;
  if (typeof otherField === 'string') params.otherField = fieldLabel(language, otherField);
  if (typeof expected === 'string') params.expected = translateLoose(language, `error.expected.${expected}`);
  return translateLoose(language, `error.rule.${error.rule}`, params);
}

function shown(language: Language, value: unknown): string {
  if (value === undefined) return translateLoose(language, 'error.value.missing');
  if (value === '') return translateLoose(language, 'error.value.empty');
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : `“${String(briefValue(value))}”`;
}
