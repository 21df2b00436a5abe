// A run's configuration as a short piece of a URL: only what differs from the nearest preset, under readable names.
import { err, ok, type Result } from '../core/result';
import type { FieldError } from './fieldError';
import { differingFields, type Field, FIELDS, type FieldValue, fieldValue, withField } from './fields';
import { PRESET_IDS, type PresetId, PRESETS } from './presets';
import { briefValue, checkRunConfig, checkField } from './validate';
import type { RunConfig } from './trainConfig';

/** What a link holds. `view` is a short name of small letters, digits and hyphens. */
export interface LinkState {
  readonly config: RunConfig;
  readonly view: string;
  /** The preset the differences are counted from; without it, the nearest. */
  readonly preset?: PresetId;
}

const VERSION = '1';
const MAX_LENGTH = 4000;
const MAX_ERRORS = 20;
const VIEW_PATTERN = /^[a-z0-9-]{1,24}$/;
const NUMBER_PATTERN = /^-?\d+(\.\d+)?(e-?\d+)?$/;

const FIELD_BY_KEY: ReadonlyMap<string, Field> = new Map(FIELDS.map((field) => [field.key, field]));

/**
 * `1~view~preset~name_value~…`, of unreserved URL characters only.
 * The configuration must be valid; an invalid one gives a link that decodeLink refuses.
 */
export function encodeLink(state: LinkState): string {
  const preset = state.preset ?? nearestPreset(state.config);
  const parts = differences(state.config, preset);
  return [VERSION, state.view, preset, ...parts].join('~');
}

/** The preset from which the link of `config` is shortest; the first of equals. */
export function nearestPreset(config: RunConfig): PresetId {
  const length = (preset: PresetId) => differences(config, preset).join('~').length;
  return PRESET_IDS.reduce((best, preset) => (length(preset) < length(best) ? preset : best));
}

function differences(config: RunConfig, preset: PresetId): string[] {
  return differingFields(config, PRESETS[preset]).map((field) => `${field.key}_${writeValue(fieldValue(config, field))}`);
}

/** The state a link holds, or what is wrong with it. Never throws, whatever the text. */
export function decodeLink(link: string): Result<Required<LinkState>, FieldError[]> {
  if (link.length > MAX_LENGTH) return err([linkError('link', link, 'range', { min: 1, max: MAX_LENGTH })]);
  const [version, view, presetName, ...parts] = link.split('~');
  if (version !== VERSION) return err([linkError('link.version', version, 'oneOf', { options: VERSION })]);
  if (view === undefined || !VIEW_PATTERN.test(view)) return err([linkError('link.view', view, 'type', { expected: 'name' })]);
  const preset = PRESET_IDS.find((id) => id === presetName);
  if (!preset) return err([linkError('link.preset', presetName, 'oneOf', { options: PRESET_IDS.join(', ') })]);
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  let config = PRESETS[preset];
  for (const part of parts) {
    const cut = part.indexOf('_');
    const key = cut < 0 ? part : part.slice(0, cut);
    const text = cut < 0 ? '' : part.slice(cut + 1);
    const field = FIELD_BY_KEY.get(key);
    const value = field && readValue(field, text);
    const error = !field
      ? linkError(`link.${String(briefValue(key))}`, text, 'unknown', {})
      : seen.has(key)
        ? linkError(field.path, text, 'repeated', {})
        : checkField(field, value);
    if (error) errors.push(error);
    else config = withField(config, field!, value as FieldValue);
    seen.add(key);
    if (errors.length >= MAX_ERRORS) return err(errors);
  }
  if (errors.length === 0) errors.push(...checkRunConfig(config));
  return errors.length > 0 ? err(errors) : ok({ config, view, preset });
}

function writeValue(value: FieldValue): string {
  if (typeof value === 'object') return value.join('.');
  if (typeof value === 'boolean') return value ? '1' : '0';
  return String(value);
}

/** The value `text` writes, or the text itself where it is none of the field's kind, for checkField to refuse. */
function readValue(field: Field, text: string): FieldValue {
  switch (field.kind) {
    case 'integer':
    case 'number':
      return NUMBER_PATTERN.test(text) ? Number(text) : text;
    case 'boolean':
      return text === '1' ? true : text === '0' ? false : text;
    case 'choice':
      return text;
    case 'names':
      return text === '' ? [] : text.split('.');
  }
}

function linkError(field: string, value: unknown, rule: FieldError['rule'], params: FieldError['params']): FieldError {
  return { field, value: briefValue(value), rule, params };
}
