// The ends of a setting's range in the configuration at hand, where other settings leave less than the field's own limits.
import type { FieldError } from '../../config/fieldError';
import type { Field, NumberField } from '../../config/fields';
import type { RunConfig } from '../../config/trainConfig';

export interface FieldRange {
  readonly min: number;
  readonly max: number;
}

export const isNumeric = (field: Field): field is NumberField => field.kind === 'integer' || field.kind === 'number';

/** A router chooses at least one expert, and no more than the kept groups hold. */
export function rangeIn({ model }: RunConfig, field: NumberField): FieldRange {
  const { min, max } = field;
  if (field.path !== 'model.numExpertsPerTok') return { min, max };
  const { nRoutedExperts, nGroup, topkGroup } = model;
  if (nRoutedExperts === 0) return { min: 0, max: 0 };
  const reach = Math.floor((nRoutedExperts * Math.min(topkGroup, nGroup)) / nGroup);
  return reach >= 1 ? { min: 1, max: Math.min(max, reach) } : { min, max };
}

/** A value beyond the field's own limits is told the narrower ones. */
export function inRange(error: FieldError, { min, max }: FieldRange): FieldError {
  return error.rule === 'range' ? { ...error, params: { min, max } } : error;
}
