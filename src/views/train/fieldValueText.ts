// The value of a setting, and what became of it, in words.
import type { TextTools } from '../../components/TextContext';
import type { FieldValue } from '../../config/fields';
import type { RunOrigin } from '../../protocol/commands';

export function fieldValueText(
  path: string,
  value: FieldValue,
  { significant, loose }: Pick<TextTools, 'significant' | 'loose'>,
): string {
  if (typeof value === 'number') return significant(value);
  return typeof value === 'string' ? loose(`field.${path}.option.${value}`) : JSON.stringify(value);
}

export function fieldChangeText(
  { field, from, to }: RunOrigin['changed'][number],
  text: Pick<TextTools, 'significant' | 'loose'>,
): string {
  return `${text.loose(`field.${field}.label`)} ${fieldValueText(field, from, text)} → ${fieldValueText(field, to, text)}`;
}
