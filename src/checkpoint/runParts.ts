// What the files of a run have in common: JSON in a safetensors file's metadata says which run and which step, tensors follow its config.
import { moeLayerCount, type ModelConfig } from '../config/modelConfig';
import type { FieldError } from '../config/fieldError';
import { findField, type FieldValue } from '../config/fields';
import type { RunConfig } from '../config/trainConfig';
import { briefValue, parseRunConfig } from '../config/validate';
import { isJsonObject, JsonFault, parseJson, shown, type Json, type JsonObject } from '../core/jsonReader';
import { err, ok, type Result } from '../core/result';
import { biasName } from './dots1';
import { nonFiniteValues, valuesOf, type NarrowType } from './safetensors';
import { hasShape, readHeader, type FormatError, type Header, type TensorEntry } from './safetensorsHeader';

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

/** Which run, and where in it. */
export interface RunHead {
  readonly runId: string;
  readonly config: RunConfig;
  readonly identity: RunIdentity;
  /** Steps finished. */
  readonly step: number;
}

/** Where a run came from that did not begin at its seed: a step of another run, and what is not as it was there. */
export interface RunParent {
  readonly runId: string;
  readonly step: number;
  readonly changed: readonly { readonly field: string; readonly from: FieldValue; readonly to: FieldValue }[];
}

/** Name and shape of a parameter, as model/parameters lists them for a config. */
export interface TensorSpec {
  readonly name: string;
  readonly shape: readonly number[];
}
export type SpecsOf = (model: ModelConfig) => readonly TensorSpec[];

export interface RunStateError {
  readonly offence: 'container' | 'no-run-state' | 'version' | 'field' | 'config' | 'tensor' | 'checksum';
  /** What is wrong with which part, in English, for a log. */
  readonly detail: string;
  /** For 'config': the fields. */
  readonly fields?: readonly FieldError[];
}

/** Tensors that belong together, in the order of a file. */
export interface Group<Key extends string> {
  readonly key: Key;
  readonly specs: readonly TensorSpec[];
  /** How the file holds them; left out: as float32. */
  readonly stored?: NarrowType;
  /** What all values have to be, infinite ones among the `numbers`; left out: they are taken as they are. */
  readonly holds?: 'finite' | 'numbers';
}

const IDENTITY_KEYS = ['backend', 'kernels', 'build', 'corpus', 'tokenizer'] as const satisfies readonly (keyof RunIdentity)[];

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
export const wrong = (field: string, expected: string): Result<never, RunStateError> =>
  err({ offence: 'field', detail: `${field} is not ${expected}` });

/** The balance biases of a model's MoE layers, by their published names. */
export function biasSpecs(model: ModelConfig): TensorSpec[] {
  return Array.from({ length: moeLayerCount(model) }, (_, index) => ({
    name: biasName(model.firstKDenseReplace + index),
    shape: [model.nRoutedExperts],
  }));
}

const container = ({ offence, detail }: FormatError): Result<never, RunStateError> =>
  err({ offence: 'container', detail: `${offence}: ${detail}` });

export function readRunHeader(bytes: Uint8Array): Result<Header, RunStateError> {
  const header = readHeader(bytes);
  return header.ok ? header : container(header.error);
}

/** The JSON that stands under `key` of a file's metadata, of the one version this build reads. */
export function readJsonPart({ metadata }: Header, key: string, version: number): Result<JsonObject, RunStateError> {
  const text = metadata.get(key);
  if (text === undefined) return err({ offence: 'no-run-state', detail: `its metadata has no ${key}` });
  let json: Json;
  try {
    json = parseJson(text);
  } catch (thrown) {
    if (!(thrown instanceof JsonFault)) throw thrown;
    return err({ offence: 'no-run-state', detail: `${key} is not JSON that is read here: ${thrown.message}` });
  }
  if (!isJsonObject(json)) return err({ offence: 'no-run-state', detail: `${key} is not an object` });
  if (json['version'] !== version)
    return err({ offence: 'version', detail: `version ${String(briefValue(json['version']))}; this build reads ${version}` });
  return ok(json);
}

const RUN_ID = /^[0-9a-z-]{1,64}$/;
const isWord = (value: unknown): value is string => typeof value === 'string' && value.length <= 100;
const isValue = (value: unknown): value is FieldValue =>
  ['number', 'boolean'].includes(typeof value) ||
  isWord(value) ||
  (Array.isArray(value) && value.length <= 100 && value.every(isWord));

/** A run's parent; undefined where the run began at its seed. */
export function parseParent(json: unknown): Result<RunParent | undefined, RunStateError> {
  if (json === undefined) return ok(undefined);
  const { runId, step, changed } = isRecord(json) ? json : {};
  if (typeof runId !== 'string' || !RUN_ID.test(runId)) return wrong('parent.runId', 'an identifier');
  if (!isCount(step)) return wrong('parent.step', 'a count');
  if (!Array.isArray(changed) || changed.length > 100) return wrong('parent.changed', 'a short list');
  const parsed = (changed as readonly unknown[]).flatMap((entry) => {
    const { field, from, to } = isRecord(entry) ? entry : {};
    return typeof field === 'string' && findField(field) && isValue(from) && isValue(to) ? [{ field, from, to }] : [];
  });
  if (parsed.length !== changed.length) return wrong('parent.changed', 'a list of fields with two values each');
  return ok({ runId, step, changed: parsed });
}

export function parseHead(json: Readonly<Record<string, unknown>>): Result<RunHead, RunStateError> {
  const { runId, identity, step } = json;
  if (typeof runId !== 'string' || !RUN_ID.test(runId)) return wrong('runId', 'an identifier');
  if (!isCount(step)) return wrong('step', 'a count');
  if (!isRecord(identity)) return wrong('identity', 'an object');
  const named = {} as Record<keyof RunIdentity, string>;
  for (const key of IDENTITY_KEYS) {
    const value = identity[key];
    if (typeof value !== 'string' || value.length > 1000) return wrong(`identity.${key}`, 'a short text');
    named[key] = value;
  }
  const config = parseRunConfig(json['config']);
  if (config.ok) return ok({ runId, config: config.value, identity: named, step });
  const detail = config.error.map(({ field, rule }) => `${field} (${rule})`).join(', ');
  return err({ offence: 'config', detail, fields: config.error });
}

/** The tensors of `groups`, which have to be all there are in the file. None is read before the names, types and shapes of all are right. */
export function readGroups<Key extends string>(
  bytes: Uint8Array,
  { entries, dataStart }: Header,
  groups: readonly Group<Key>[],
): Result<Record<Key, Float32Array[]>, RunStateError> {
  const fault = (detail: string): Result<never, RunStateError> => err({ offence: 'tensor', detail });
  const found = new Map(entries.map((entry) => [entry.name, entry]));
  const places: { readonly group: Group<Key>; readonly entry: TensorEntry }[] = [];
  for (const group of groups)
    for (const { name, shape } of group.specs) {
      const entry = found.get(name);
      if (!entry) return fault(`${name} is missing`);
      const type = group.stored ?? 'F32';
      if (entry.dtype !== type) return fault(`${name} is not ${type}`);
      if (!hasShape(entry, shape)) return fault(`${name} is [${entry.shape.join(', ')}], expected [${shape.join(', ')}]`);
      places.push({ group, entry });
      found.delete(name);
    }
  for (const name of found.keys()) return fault(`${shown(name)} belongs to no part of this model`);
  const taken = Object.fromEntries(groups.map(({ key }) => [key, [] as Float32Array[]])) as Record<Key, Float32Array[]>;
  for (const { group, entry } of places) {
    const tensor = valuesOf(entry, bytes.subarray(dataStart + entry.start, dataStart + entry.end));
    if (!tensor.ok) return container(tensor.error);
    const values = tensor.value.values as Float32Array;
    if (group.holds === 'finite' && nonFiniteValues(values) > 0)
      return fault(`${entry.name} has ${nonFiniteValues(values)} values that are no finite numbers`);
    if (group.holds === 'numbers' && values.includes(NaN)) return fault(`${entry.name} has values that are no numbers`);
    taken[group.key].push(values);
  }
  return ok(taken);
}
