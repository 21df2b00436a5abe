// The value of a setting, in words.
import type { TextTools } from '../../components/TextContext';
import type { FieldValue } from '../../config/fields';

export function fieldValueText(
  path: string,
  value: FieldValue,
  { significant, loose }: Pick<TextTools, 'significant' | 'loose'>,
): string {
  if (typeof value === 'number') return significant(value);
  return typeof value === 'string' ? loose(`field.${path}.option.${value}`) : JSON.stringify(value);
}
