// Settings of a run that somebody wants otherwise, one by one, whatever the others are.
import { err, ok, type Result } from '../core/result';
import type { FieldError } from './fieldError';
import { findField, withField, type FieldValue } from './fields';
import type { RunConfig } from './trainConfig';
import { briefValue, checkField, checkRunConfig } from './validate';

export interface FieldChange {
  /** Its path, e.g. 'train.learningRate'. */
  readonly field: string;
  readonly value: FieldValue;
}

/** What of the changes no configuration can take, whatever else it says. */
export function checkChanges(changes: readonly FieldChange[]): FieldError[] {
  return changes.flatMap(({ field: path, value }) => {
    const field = findField(path);
    if (!field) return [{ field: briefValue(path) as string, value: briefValue(value), rule: 'unknown', params: {} } as const];
    return checkField(field, value) ?? [];
  });
}

/** `config` with the changes made, or what is wrong with that. */
export function withChanges(config: RunConfig, changes: readonly FieldChange[]): Result<RunConfig, FieldError[]> {
  const faults = checkChanges(changes);
  if (faults.length > 0) return err(faults);
  const changed = changes.reduce((before, { field, value }) => withField(before, findField(field)!, value), config);
  const broken = checkRunConfig(changed);
  return broken.length > 0 ? err(broken) : ok(changed);
}
