// Failures in a person's words: codes and broken rules become sentences of the catalogue.
import type { FieldError } from '../../config/fieldError';
import type { EngineError } from '../../protocol/errors';
import { briefValue } from '../../config/validate';
import { isTextKey } from '../../text/catalogue';
import type { TextTools } from '../../components/TextContext';

type Words = Pick<TextTools, 'loose' | 'significant'>;

function fieldName(path: string, { loose }: Words): string {
  const label = `field.${path}.label`;
  return isTextKey(label) ? loose(label) : isTextKey(`error.field.${path}`) ? loose(`error.field.${path}`) : path;
}

function shownValue(value: unknown, { loose, significant }: Words): string {
  const brief = briefValue(value);
  if (brief === undefined || brief === null) return loose('error.value.missing');
  if (brief === '') return loose('error.value.empty');
  if (Number.isNaN(brief)) return loose('error.value.noNumber');
  return typeof brief === 'number' && Number.isFinite(brief) ? significant(brief, 6) : String(brief);
}

/**
 * Says which field breaks which rule with which value.
 * @param typed what the person typed, told where the value is no number
 */
export function fieldErrorText(error: FieldError, words: Words, typed?: string): string {
  const value = Number.isNaN(error.value) ? (typed ?? error.value) : error.value;
  const params: Record<string, string | number> = { field: fieldName(error.field, words), value: shownValue(value, words) };
  for (const [name, param] of Object.entries(error.params)) {
    if (name === 'otherField') params[name] = fieldName(String(param), words);
    else if (name === 'expected') params[name] = words.loose(`error.expected.${param}`);
    else params[name] = typeof param === 'number' ? words.significant(param, 6) : param;
  }
  return words.loose(`error.rule.${error.rule}`, params);
}

/** Says what happened, why, and what to do next; broken fields are named one by one. */
export function engineErrorText(error: EngineError, words: Words): string {
  const sentence = words.loose(`error.code.${error.code}`, { detail: error.detail ?? '–' });
  return error.fields ? [sentence, ...error.fields.map((field) => fieldErrorText(field, words))].join(' ') : sentence;
}
