// Turns what a person, a file or a link gave into a RunConfig, or into what is wrong with it. Nothing here throws.
import { err, ok, type Result } from '../core/result';
import type { FieldError } from './fieldError';
import { type Field, FIELDS, fieldValue, findField, NAME_PATTERN } from './fields';
import { checkRules } from './validateRules';
import { LIVE_KEYS, type LiveChange, type RunConfig } from './trainConfig';

const SECTIONS = ['model', 'train', 'data'] as const;
// A hostile file may hold a million unknown names: a person needs to read the first few.
const MAX_UNKNOWN = 20;

/** A value short and plain enough to be shown and posted, whatever was given. */
export function briefValue(value: unknown): string | number | boolean | null | undefined {
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.length > 64 ? `${value.slice(0, 63)}…` : value;
  return Array.isArray(value) ? `list of ${value.length}` : typeof value;
}

/** What `value` breaks of the field's own limits, or null. Rules between fields are checkRunConfig's. */
export function checkField(field: Field, value: unknown): FieldError | null {
  const error = (rule: FieldError['rule'], params: FieldError['params']): FieldError => ({
    field: field.path,
    value: briefValue(value),
    rule,
    params,
  });
  switch (field.kind) {
    case 'integer':
    case 'number':
      if (typeof value !== 'number' || Number.isNaN(value)) return error('type', { expected: field.kind });
      if (value < field.min || value > field.max) return error('range', { min: field.min, max: field.max });
      if (field.kind === 'integer' && !Number.isInteger(value)) return error('integer', {});
      return null;
    case 'boolean':
      return typeof value === 'boolean' ? null : error('type', { expected: 'boolean' });
    case 'choice':
      if (typeof value !== 'string') return error('type', { expected: 'choice' });
      return field.options.includes(value) ? null : error('oneOf', { options: field.options.join(', ') });
    case 'names': {
      if (!Array.isArray(value)) return error('type', { expected: 'names' });
      if (value.length > field.maxItems) return error('range', { min: 0, max: field.maxItems });
      const items: readonly unknown[] = value;
      for (let i = 0; i < items.length; i++) {
        const item = items[i];
        if (typeof item !== 'string' || !NAME_PATTERN.test(item)) return error('type', { expected: 'names' });
        if (items.indexOf(item) < i) return { ...error('repeated', {}), value: item };
      }
      return null;
    }
  }
}

/** Everything wrong with a configuration of the right shape: limits of each field, then the rules between fields. */
export function checkRunConfig(config: RunConfig): FieldError[] {
  const errors = FIELDS.map((field) => checkField(field, fieldValue(config, field))).filter((error) => error !== null);
  return errors.length > 0 ? errors : checkRules(config);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const typeError = (field: string, value: unknown, expected: string): FieldError => ({
  field,
  value: briefValue(value),
  rule: 'type',
  params: { expected },
});

function unknownKeys(given: Readonly<Record<string, unknown>>, known: (key: string) => boolean, prefix: string): FieldError[] {
  const unknown = Object.keys(given).filter((key) => !known(key));
  return unknown.slice(0, MAX_UNKNOWN).map((key) => ({
    field: `${prefix}${briefValue(key)}`,
    value: briefValue(given[key]),
    rule: 'unknown',
    params: {},
  }));
}

/** A RunConfig of exactly the known fields, newly made, or every error found: shape and limits first, then the rules between fields. */
export function parseRunConfig(json: unknown): Result<RunConfig, FieldError[]> {
  if (!isRecord(json)) return err([typeError('config', json, 'object')]);
  const errors = unknownKeys(json, (key) => (SECTIONS as readonly string[]).includes(key), 'config.');
  const sections = new Map<string, Readonly<Record<string, unknown>>>();
  for (const name of SECTIONS) {
    const section = Object.hasOwn(json, name) ? json[name] : undefined;
    if (isRecord(section)) {
      errors.push(...unknownKeys(section, (key) => findField(`${name}.${key}`) !== undefined, `${name}.`));
      sections.set(name, section);
    } else errors.push(typeError(name, section, 'object'));
  }
  const parsed = { model: {}, train: {}, data: {} } as Record<keyof RunConfig, Record<string, unknown>>;
  for (const field of FIELDS) {
    const section = sections.get(field.section);
    if (!section) continue;
    const value = Object.hasOwn(section, field.key) ? section[field.key] : undefined;
    const error = checkField(field, value);
    if (error) errors.push(error);
    else parsed[field.section][field.key] = copied(value);
  }
  if (errors.length > 0) return err(errors);
  // Every field of the table is there and of its kind, and the table names every field of RunConfig.
  const config = parsed as unknown as RunConfig;
  const broken = checkRules(config);
  return broken.length > 0 ? err(broken) : ok(config);
}

// −0 would be another value than 0 in a comparison of configurations, and is not in what a link writes.
function copied(value: unknown): unknown {
  if (typeof value === 'number') return value + 0;
  return Array.isArray(value) ? [...(value as readonly unknown[])] : value;
}

/** A change to a running run: at least one of the live fields, each within its limits, and no other field. */
export function parseLiveChange(json: unknown): Result<LiveChange, FieldError[]> {
  if (!isRecord(json)) return err([typeError('change', json, 'object')]);
  const errors = unknownKeys(json, (key) => (LIVE_KEYS as readonly string[]).includes(key), 'train.');
  const change: Record<string, unknown> = {};
  for (const key of LIVE_KEYS) {
    if (!Object.hasOwn(json, key)) continue;
    const error = checkField(findField(`train.${key}`)!, json[key]);
    if (error) errors.push(error);
    else change[key] = json[key];
  }
  if (errors.length === 0 && Object.keys(change).length === 0) errors.push(typeError('change', 'object', 'change'));
  return errors.length > 0 ? err(errors) : ok(change as LiveChange);
}
