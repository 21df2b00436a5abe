// What a person typed, turned into what a command does; or into a sentence that names the value and what would be right (exit code 2).
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { describeFieldError } from '../config/describe';
import { findField, withField, type Field, type FieldValue } from '../config/fields';
import { PRESET_IDS, PRESETS } from '../config/presets';
import { EXPORT_TYPES, type ExportType } from '../checkpoint/exchange/exportFolder';
import type { LoggedChange, RunConfig } from '../config/trainConfig';
import { checkField, checkRunConfig, parseLiveChange } from '../config/validate';
import type { BackendName } from '../kernels/backends';
import { MAX_WORKERS } from '../worker/shardPool';
import { BACKENDS } from './engine';
import { Trouble } from './trouble';

export interface Setting {
  readonly field: Field;
  readonly value: FieldValue;
}

export interface TrainArguments {
  readonly out: string;
  /** Trains until this many steps are finished. */
  readonly steps: number;
  readonly saveEvery: number;
  /** null: as suits the machine. */
  readonly workers: number | null;
  /** null: what the saved run used, or wasm. */
  readonly backend: BackendName | null;
  /** File or run folder whose run goes on in `out`; null: the one in `out` itself. */
  readonly from: string | null;
  /** File that gets the run's state at the end; null: none. */
  readonly saveAs: string | null;
  /** Writes where the time of each step went into the history. */
  readonly isTraced: boolean;
  /** What was set by name; beside a saved run, what it is expected to have. */
  readonly settings: readonly Setting[];
  /** null: goes on with the saved run. */
  readonly fresh: { readonly config: RunConfig; readonly changes: readonly LoggedChange[] } | null;
}

export interface EvaluateArguments {
  readonly from: string;
  readonly backend: BackendName | null;
  readonly tokensPerDomain: number;
  readonly json: boolean;
}

export interface GenerateArguments {
  readonly from: string;
  readonly backend: BackendName | null;
  readonly prompt: string;
  readonly tokens: number;
  readonly temperature: number;
  readonly seed: number;
}

export interface JudgeArguments {
  readonly from: string;
  readonly tokensPerDomain: number;
}

export interface SnapshotArguments {
  readonly from: string;
  readonly into: string;
  /** Where the run has to stand; null: wherever it does. */
  readonly step: number | null;
  readonly tokensPerDomain: number;
}

export interface ExportArguments {
  readonly from: string;
  /** A folder, or a file whose name ends in .zip. */
  readonly out: string;
  readonly dtype: ExportType;
  readonly isFolded: boolean;
}

type Options = NonNullable<ParseArgsConfig['options']>;

function parsed<const O extends Options>(argv: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: false }).values;
  } catch (thrown) {
    throw new Trouble(thrown instanceof Error ? thrown.message : String(thrown), 2);
  }
}

function needed(name: string, value: string | undefined, what: string): string {
  if (value) return value;
  throw new Trouble(`--${name} is missing: it names ${what}.`, 2);
}

function numberOf(name: string, text: string, min: number, max: number, whole = true): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
  throw new Trouble(`--${name} is ${text}, but has to be a ${whole ? 'whole ' : ''}number between ${min} and ${max}.`, 2);
}

function oneOf<T extends string>(name: string, text: string, options: readonly T[]): T {
  const option = options.find((known) => known === text);
  if (option) return option;
  throw new Trouble(`--${name} is ${text}, but has to be one of: ${options.join(', ')}.`, 2);
}

const backendOf = (text: string | undefined): BackendName | null =>
  text === undefined ? null : oneOf('backend', text, BACKENDS);

/** The value that `text` means to `field`, checked against the field's own limits. */
function fieldValueOf(field: Field, text: string): FieldValue {
  const read = (): unknown => {
    switch (field.kind) {
      case 'integer':
      case 'number':
        return text.trim() === '' ? NaN : Number(text);
      case 'boolean':
        return text === 'true' ? true : text === 'false' ? false : text;
      case 'choice':
        return text;
      case 'names':
        return text === '' ? [] : text.split(',');
    }
  };
  const value = read();
  const fault = checkField(field, value);
  if (fault) throw new Trouble(`${field.path}=${text}: ${describeFieldError('en', fault)}`, 2);
  return value as FieldValue;
}

/** @param whole what was typed, where `text` is only a part of it */
function split(option: string, text: string, separator: string, example: string, whole = text): [string, string] {
  const at = text.indexOf(separator);
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new Trouble(`--${option} ${whole} is not of the form ${example}.`, 2);
}

function fieldNamed(option: string, path: string): Field {
  const field = findField(path);
  if (field) return field;
  throw new Trouble(
    `--${option} names ${path}, which is no field of a configuration (e.g. train.seed, model.nRoutedExperts).`,
    2,
  );
}

function settingOf(setting: string): Setting {
  const [path, text] = split('set', setting, '=', 'train.seed=7');
  const field = fieldNamed('set', path);
  return { field, value: fieldValueOf(field, text) };
}

function configOf(preset: string, settings: readonly Setting[]): RunConfig {
  let config = PRESETS[oneOf('preset', preset, PRESET_IDS)];
  for (const { field, value } of settings) config = withField(config, field, value);
  const faults = checkRunConfig(config);
  if (faults.length > 0)
    throw new Trouble(faults.map((fault) => `${fault.field}: ${describeFieldError('en', fault)}`).join('\n'), 2);
  return config;
}

function changesOf(texts: readonly string[]): LoggedChange[] {
  const changes = texts.map((text) => {
    const example = '100:balanceMode=none';
    const [at, setting] = split('change', text, ':', example);
    const [key, value] = split('change', setting, '=', example, text);
    const change = parseLiveChange({ [key]: fieldValueOf(fieldNamed('change', `train.${key}`), value) });
    if (!change.ok) throw new Trouble(`--change ${text}: ${key} cannot change while a run trains.`, 2);
    return { step: numberOf('change', at, 0, Number.MAX_SAFE_INTEGER), change: change.value };
  });
  return changes.sort((one, other) => one.step - other.step);
}

export function parseTrainArguments(argv: readonly string[]): TrainArguments {
  const values = parsed(argv, {
    out: { type: 'string' },
    steps: { type: 'string', default: '400' },
    'save-every': { type: 'string', default: '50' },
    workers: { type: 'string' },
    backend: { type: 'string' },
    preset: { type: 'string' },
    set: { type: 'string', multiple: true },
    change: { type: 'string', multiple: true },
    resume: { type: 'boolean', default: false },
    from: { type: 'string' },
    'save-as': { type: 'string' },
    trace: { type: 'boolean', default: false },
  });
  const { preset, change, resume } = values;
  if (values.from !== undefined && !resume) throw new Trouble('--from names a run to go on with: it stands beside --resume.', 2);
  const given = Object.entries({ preset, change }).find(([, value]) => value !== undefined);
  if (resume && given) throw new Trouble(`--${given[0]} cannot stand beside --resume: the saved run keeps its configuration.`, 2);
  const settings = (values.set ?? []).map(settingOf);
  return {
    out: needed('out', values.out, 'the folder of the run'),
    steps: numberOf('steps', values.steps, 0, 1e9),
    saveEvery: numberOf('save-every', values['save-every'], 1, 1e9),
    workers: values.workers === undefined ? null : numberOf('workers', values.workers, 1, MAX_WORKERS),
    backend: backendOf(values.backend),
    from: values.from === undefined ? null : needed('from', values.from, 'a file or the folder of a run'),
    saveAs: values['save-as'] === undefined ? null : needed('save-as', values['save-as'], 'a file'),
    isTraced: values.trace,
    settings,
    fresh: resume ? null : { config: configOf(preset ?? 'default', settings), changes: changesOf(change ?? []) },
  };
}

export function parseEvaluateArguments(argv: readonly string[]): EvaluateArguments {
  const values = parsed(argv, {
    from: { type: 'string' },
    backend: { type: 'string' },
    'tokens-per-domain': { type: 'string', default: '4096' },
    json: { type: 'boolean', default: false },
  });
  return {
    from: needed('from', values.from, 'a file or the folder of a run'),
    backend: backendOf(values.backend),
    tokensPerDomain: numberOf('tokens-per-domain', values['tokens-per-domain'], 1, 1e9),
    json: values.json,
  };
}

export function parseGenerateArguments(argv: readonly string[]): GenerateArguments {
  const values = parsed(argv, {
    from: { type: 'string' },
    backend: { type: 'string' },
    prompt: { type: 'string', default: '' },
    tokens: { type: 'string', default: '100' },
    temperature: { type: 'string', default: '0.8' },
    seed: { type: 'string', default: '1' },
  });
  return {
    from: needed('from', values.from, 'a file or the folder of a run'),
    backend: backendOf(values.backend),
    prompt: values.prompt,
    tokens: numberOf('tokens', values.tokens, 1, 1e6),
    temperature: numberOf('temperature', values.temperature, 0, 100, false),
    seed: numberOf('seed', values.seed, 0, 0xffffffff),
  };
}

export function parseSnapshotArguments(argv: readonly string[]): SnapshotArguments {
  const values = parsed(argv, {
    from: { type: 'string' },
    into: { type: 'string' },
    step: { type: 'string' },
    'tokens-per-domain': { type: 'string', default: '8192' },
  });
  return {
    from: needed('from', values.from, 'a file or the folder of a run'),
    into: needed('into', values.into, 'the folder that gets the snapshot'),
    step: values.step === undefined ? null : numberOf('step', values.step, 0, 1e9),
    tokensPerDomain: numberOf('tokens-per-domain', values['tokens-per-domain'], 1, 1e9),
  };
}

export function parseJudgeArguments(argv: readonly string[]): JudgeArguments {
  const values = parsed(argv, { from: { type: 'string' }, 'tokens-per-domain': { type: 'string', default: '8192' } });
  return {
    from: needed('from', values.from, 'a file or the folder of a run'),
    tokensPerDomain: numberOf('tokens-per-domain', values['tokens-per-domain'], 1, 1e9),
  };
}

export function parseExportArguments(argv: readonly string[]): ExportArguments {
  const values = parsed(argv, {
    from: { type: 'string' },
    out: { type: 'string' },
    dtype: { type: 'string', default: 'F32' },
    fold: { type: 'boolean', default: false },
  });
  return {
    from: needed('from', values.from, 'a file or the folder of a run'),
    out: needed('out', values.out, 'the folder that gets the files, or a .zip'),
    dtype: oneOf('dtype', values.dtype.toUpperCase(), EXPORT_TYPES),
    isFolded: values.fold,
  };
}
