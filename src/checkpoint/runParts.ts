// What the files of a run have in common: JSON in a safetensors file's metadata says which run and which step, tensors follow its config.
import { moeLayerCount, type ModelConfig } from '../config/modelConfig';
import type { FieldError } from '../config/fieldError';
import { findField, type FieldValue } from '../config/fields';
import type { RunConfig } from '../config/trainConfig';
import { parseRunConfig } from '../config/validate';
import { err, ok, type Result } from '../core/result';
import { biasName } from './dots1';
import { readMetadata, readSafetensors, type NarrowType } from './safetensors';

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
  readonly offence: 'container' | 'no-run-state' | 'version' | 'field' | 'config' | 'tensor';
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

/** The JSON that stands under `key` of a file's metadata, of the one version this build reads. */
export function readJsonPart(
  bytes: Uint8Array,
  key: string,
  version: number,
): Result<Readonly<Record<string, unknown>>, RunStateError> {
  const metadata = readMetadata(bytes);
  if (!metadata.ok) return err({ offence: 'container', detail: `${metadata.error.offence}: ${metadata.error.detail}` });
  const text = metadata.value.get(key);
  if (text === undefined) return err({ offence: 'no-run-state', detail: `its metadata has no ${key}` });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (thrown) {
    return err({ offence: 'no-run-state', detail: `${key} is not JSON: ${String(thrown)}` });
  }
  if (!isRecord(json)) return err({ offence: 'no-run-state', detail: `${key} is not an object` });
  if (json['version'] !== version)
    return err({ offence: 'version', detail: `version ${JSON.stringify(json['version'])}; this build reads ${version}` });
  return ok(json);
}

const RUN_ID = /^[0-9a-z-]{1,64}$/;
const isValue = (value: unknown): value is FieldValue =>
  ['number', 'boolean', 'string'].includes(typeof value) ||
  (Array.isArray(value) && value.length <= 100 && value.every((item) => typeof item === 'string'));

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

/** The tensors of `groups`, which have to be all there are in the file. */
export function readGroups<Key extends string>(
  bytes: Uint8Array,
  groups: readonly Group<Key>[],
): Result<Record<Key, Float32Array[]>, RunStateError> {
  const tensors = readSafetensors(bytes);
  if (!tensors.ok) return err({ offence: 'container', detail: `${tensors.error.offence}: ${tensors.error.detail}` });
  const fault = (detail: string): Result<never, RunStateError> => err({ offence: 'tensor', detail });
  const taken = {} as Record<Key, Float32Array[]>;
  const unknown = new Set(tensors.value.keys());
  for (const { key, specs, stored } of groups) {
    taken[key] = [];
    for (const { name, shape } of specs) {
      const tensor = tensors.value.get(name);
      if (!tensor) return fault(`${name} is missing`);
      if (!(tensor.values instanceof Float32Array) || tensor.stored !== stored) return fault(`${name} is not ${stored ?? 'F32'}`);
      if (tensor.shape.length !== shape.length || tensor.shape.some((length, axis) => length !== shape[axis]))
        return fault(`${name} is [${tensor.shape.join(', ')}], expected [${shape.join(', ')}]`);
      taken[key].push(tensor.values);
      unknown.delete(name);
    }
  }
  if (unknown.size > 0) return fault(`${[...unknown][0]} belongs to no part of this model`);
  return ok(taken);
}
