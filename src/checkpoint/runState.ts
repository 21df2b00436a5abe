// Everything a run is, as one safetensors file whose metadata holds the rest as JSON. Text order and chance are functions of
// (seed, stream, step), so the step is their whole state. Decoding is all or nothing.
import { moeLayerCount, type ModelConfig } from '../config/modelConfig';
import type { FieldError } from '../config/fieldError';
import type { LoggedChange, RunConfig } from '../config/trainConfig';
import { parseLiveChange, parseRunConfig } from '../config/validate';
import { err, ok, type Result } from '../core/result';
import { biasName } from './dots1';
import { readMetadata, readSafetensors, writeSafetensors, type SafeTensor, type SafeTensors } from './safetensors';

/** What else decides the bits of a run; its shards are in its config. */
export interface RunIdentity {
  readonly backend: string;
  /** Device or kernel variant, '' where there is only one. */
  readonly kernels: string;
  readonly build: string;
  /** SHA-256 of corpus and tokenizer, hexadecimal. */
  readonly corpus: string;
  readonly tokenizer: string;
}

export interface RunState {
  readonly runId: string;
  readonly config: RunConfig;
  readonly identity: RunIdentity;
  /** Steps finished. */
  readonly step: number;
  /** Live changes that hold already, in order: none stamped later than `step`. */
  readonly changes: readonly LoggedChange[];
  /** Live changes that are still to come at their steps, in order: none stamped earlier than `step`. */
  readonly upcoming: readonly LoggedChange[];
  /** Where the run's recorded history stands; what lies beyond was recorded later. Its unit is the recorder's (headless: bytes). */
  readonly historyPosition: number;
  /** One a parameter, in the order of the specs. */
  readonly parameters: readonly Float32Array[];
  readonly firstMoments: readonly Float32Array[];
  readonly secondMoments: readonly Float32Array[];
  /** [E] for each MoE layer. */
  readonly biases: readonly Float32Array[];
}

/** Name and shape of a parameter, as model/parameters lists them for a config. */
export interface TensorSpec {
  readonly name: string;
  readonly shape: readonly number[];
}
export type SpecsOf = (model: ModelConfig) => readonly TensorSpec[];

export interface RunStateError {
  readonly offence: 'container' | 'no-run-state' | 'version' | 'field' | 'config' | 'tensor';
  /** What is wrong with which part, in English, for a log. */
  readonly detail: string;
  /** For 'config': the fields. */
  readonly fields?: readonly FieldError[];
}

export const RUN_STATE_VERSION = 1;
const KEY = 'switchyard.run-state';
const IDENTITY_KEYS = ['backend', 'kernels', 'build', 'corpus', 'tokenizer'] as const satisfies readonly (keyof RunIdentity)[];

interface Group {
  readonly key: 'parameters' | 'firstMoments' | 'secondMoments' | 'biases';
  readonly specs: readonly TensorSpec[];
}

/** The tensors of a file, in order. Parameters keep their published names; moments stand under a prefix. */
function groupsOf(model: ModelConfig, specsOf: SpecsOf): Group[] {
  const specs = specsOf(model);
  const under = (prefix: string) => specs.map(({ name, shape }) => ({ name: `${prefix}${name}`, shape }));
  const biases = Array.from({ length: moeLayerCount(model) }, (_, index) => ({
    name: biasName(model.firstKDenseReplace + index),
    shape: [model.nRoutedExperts],
  }));
  return [
    { key: 'parameters', specs },
    { key: 'firstMoments', specs: under('first_moment.') },
    { key: 'secondMoments', specs: under('second_moment.') },
    { key: 'biases', specs: biases },
  ];
}

/** Throws if a tensor does not fill the shape its config gives it. */
export function encodeRunState(state: RunState, specsOf: SpecsOf): Uint8Array<ArrayBuffer> {
  const { runId, config, identity, step, changes, upcoming, historyPosition } = state;
  const json = { version: RUN_STATE_VERSION, runId, config, identity, step, changes, upcoming, historyPosition };
  const tensors = new Map<string, SafeTensor>();
  for (const { key, specs } of groupsOf(config.model, specsOf))
    for (const [index, { name, shape }] of specs.entries()) tensors.set(name, { shape, values: state[key][index]! });
  return writeSafetensors(tensors, new Map([[KEY, JSON.stringify(json)]]));
}

/** A whole run state, or the first thing that is wrong with the file. */
export function decodeRunState(bytes: Uint8Array, specsOf: SpecsOf): Result<RunState, RunStateError> {
  const metadata = readMetadata(bytes);
  if (!metadata.ok) return err({ offence: 'container', detail: `${metadata.error.offence}: ${metadata.error.detail}` });
  const text = metadata.value.get(KEY);
  if (text === undefined) return err({ offence: 'no-run-state', detail: `its metadata has no ${KEY}` });
  const parts = parseParts(text);
  if (!parts.ok) return parts;
  const tensors = readSafetensors(bytes);
  if (!tensors.ok) return err({ offence: 'container', detail: `${tensors.error.offence}: ${tensors.error.detail}` });
  const values = takeTensors(tensors.value, groupsOf(parts.value.config.model, specsOf));
  return values.ok ? ok({ ...parts.value, ...values.value }) : values;
}

type Parts = Omit<RunState, Group['key']>;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const wrong = (field: string, expected: string): Result<never, RunStateError> =>
  err({ offence: 'field', detail: `${field} is not ${expected}` });

function parseParts(text: string): Result<Parts, RunStateError> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (thrown) {
    return err({ offence: 'no-run-state', detail: `${KEY} is not JSON: ${String(thrown)}` });
  }
  if (!isRecord(json)) return err({ offence: 'no-run-state', detail: `${KEY} is not an object` });
  const { version, runId, identity, step, historyPosition } = json;
  if (version !== RUN_STATE_VERSION)
    return err({ offence: 'version', detail: `version ${JSON.stringify(version)}; this build reads ${RUN_STATE_VERSION}` });
  if (typeof runId !== 'string' || !/^[0-9a-z-]{1,64}$/.test(runId)) return wrong('runId', 'an identifier');
  if (!isCount(step)) return wrong('step', 'a count');
  if (!isCount(historyPosition)) return wrong('historyPosition', 'a count');
  if (!isRecord(identity)) return wrong('identity', 'an object');
  const named = {} as Record<keyof RunIdentity, string>;
  for (const key of IDENTITY_KEYS) {
    const value = identity[key];
    if (typeof value !== 'string' || value.length > 1000) return wrong(`identity.${key}`, 'a short text');
    named[key] = value;
  }
  const config = parseRunConfig(json['config']);
  if (!config.ok) {
    const detail = config.error.map(({ field, rule }) => `${field} (${rule})`).join(', ');
    return err({ offence: 'config', detail, fields: config.error });
  }
  const changes = parseLog('changes', json['changes'], 0, step);
  if (!changes.ok) return changes;
  const upcoming = parseLog('upcoming', json['upcoming'], step, Number.MAX_SAFE_INTEGER);
  if (!upcoming.ok) return upcoming;
  return ok({
    runId,
    config: config.value,
    identity: named,
    step,
    changes: changes.value,
    upcoming: upcoming.value,
    historyPosition,
  });
}

/** Changes stamped `from` … `to`, none earlier than the one before it. */
function parseLog(field: string, value: unknown, from: number, to: number): Result<LoggedChange[], RunStateError> {
  if (!Array.isArray(value)) return wrong(field, 'a list');
  const log: LoggedChange[] = [];
  for (const [index, entry] of (value as readonly unknown[]).entries()) {
    const { step, change } = isRecord(entry) ? entry : {};
    const earliest = log.at(-1)?.step ?? from;
    if (!isCount(step) || step < earliest || step > to)
      return wrong(`${field}[${index}].step`, `a step from ${earliest} to ${to}`);
    const parsed = parseLiveChange(change);
    if (!parsed.ok) return wrong(`${field}[${index}].change`, `a change: ${parsed.error.map((error) => error.field).join(', ')}`);
    log.push({ step, change: parsed.value });
  }
  return ok(log);
}

function takeTensors(tensors: SafeTensors, groups: readonly Group[]): Result<Pick<RunState, Group['key']>, RunStateError> {
  const fault = (detail: string): Result<never, RunStateError> => err({ offence: 'tensor', detail });
  const taken: Record<Group['key'], Float32Array[]> = { parameters: [], firstMoments: [], secondMoments: [], biases: [] };
  const unknown = new Set(tensors.keys());
  for (const { key, specs } of groups) {
    for (const { name, shape } of specs) {
      const tensor = tensors.get(name);
      if (!tensor) return fault(`${name} is missing`);
      if (!(tensor.values instanceof Float32Array)) return fault(`${name} is not F32`);
      if (tensor.shape.length !== shape.length || tensor.shape.some((length, axis) => length !== shape[axis]))
        return fault(`${name} is [${tensor.shape.join(', ')}], expected [${shape.join(', ')}]`);
      taken[key].push(tensor.values);
      unknown.delete(name);
    }
  }
  if (unknown.size > 0) return fault(`${[...unknown][0]} belongs to no part of this model`);
  return ok(taken);
}
