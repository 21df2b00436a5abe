// A published dots1 checkpoint becomes a model. All is checked before anything is allocated: configuration, memory, and every name, type
// and shape in every file.
import type { ModelConfig } from '../../config/modelConfig';
import { isJsonObject, JsonFault, parseJson, shown } from '../../core/jsonReader';
import { ok, type Result } from '../../core/result';
import type { SpecsOf } from '../runParts';
import { valuesOf } from '../safetensors';
import {
  headerLength,
  HEADER_LIMIT,
  LENGTH_BYTES,
  readHeader,
  type Header,
  type StoredType,
  type TensorEntry,
} from '../safetensorsHeader';
import { parseConfigJson } from './configJson';
import { bytesOf, CONFIG_FILE, fault, readText, readWithin, type ExchangeError, type Folder } from './folder';
import { nonFiniteValues, publishedTensors, weightBytes, type ModelWeights, type PublishedTensor } from './layout';

export const WEIGHTS_FILE = 'model.safetensors';
export const TOKENIZER_FILE = 'tokenizer.json';
const INDEX_FILE = 'model.safetensors.index.json';
const CONFIG_LIMIT = 1 << 20;
const TOKENIZER_LIMIT = 32 << 20;
/** A model of one part may have more files than this only to harm. */
const MOST_SHARDS = 512;
const EMBEDDING = 'model.embed_tokens.weight';
const HEAD = 'lm_head.weight';

export interface ImportOptions {
  readonly specsOf: SpecsOf;
  /** Bytes that the weights may take: together, and in one tensor. */
  readonly limits: { readonly total: number; readonly tensor: number };
  /** Bytes read of all there are. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export interface ImportedCheckpoint extends ModelWeights {
  readonly model: ModelConfig;
  /** Text of tokenizer.json; null where there is none. */
  readonly tokenizerJson: string | null;
  /** Types of the weights in the files. */
  readonly storedAs: readonly StoredType[];
  readonly tensors: number;
  readonly shards: number;
  /** Bytes of the weights in the files. */
  readonly bytes: number;
  /** Tensors with values that are no finite numbers, and how many. */
  readonly nonFinite: readonly { readonly name: string; readonly count: number }[];
}

interface Shard {
  readonly name: string;
  readonly blob: Blob;
  readonly header: Header;
}
interface Place {
  readonly shard: Shard;
  readonly entry: TensorEntry;
}

/** Rejects only with the reason of an aborted signal. */
export async function importFolder(folder: Folder, options: ImportOptions): Promise<Result<ImportedCheckpoint, ExchangeError>> {
  const text = await readText(folder, CONFIG_FILE, CONFIG_LIMIT);
  if (!text.ok) return text;
  const config = parseConfigJson(text.value);
  if (!config.ok) {
    const detail = config.error.map(({ field, rule }) => `${field} (${rule})`).join(', ');
    return { ok: false, error: { offence: 'config', file: CONFIG_FILE, detail, fields: config.error } };
  }
  const { model, isTied } = config.value;
  const needed = weightBytes(model, options.specsOf);
  const { total, tensor } = options.limits;
  if (needed.total > total) return fault('too-large', '', `${size(needed.total)} > ${size(total)}`);
  if (needed.largest > tensor) return fault('too-large', '', `${size(needed.largest)} > ${size(tensor)} (1 tensor)`);
  const tokenizer = folder.has(TOKENIZER_FILE) ? await readText(folder, TOKENIZER_FILE, TOKENIZER_LIMIT) : ok(null);
  if (!tokenizer.ok) return tokenizer;
  // Eight bytes a value is more than any type that is read takes.
  const shards = await openShards(folder, 2 * needed.total + HEADER_LIMIT, options.signal);
  if (!shards.ok) return shards;
  const tensors = publishedTensors(model, options.specsOf);
  const places = placesOf(shards.value, tensors, isTied);
  if (!places.ok) return places;
  const weights = await readWeights(tensors, places.value, options);
  return weights.ok
    ? ok({ model, tokenizerJson: tokenizer.value, shards: shards.value.length, tensors: tensors.length, ...weights.value })
    : weights;
}

const size = (bytes: number): string =>
  bytes < 2 ** 30 ? `${(bytes / 2 ** 20).toFixed(1)} MiB` : `${(bytes / 2 ** 30).toFixed(2)} GiB`;

async function openShards(folder: Folder, limit: number, signal?: AbortSignal): Promise<Result<Shard[], ExchangeError>> {
  const names = folder.has(WEIGHTS_FILE) ? ok([WEIGHTS_FILE]) : await readIndex(folder);
  if (!names.ok) return names;
  const shards: Shard[] = [];
  for (const name of names.value) {
    const blob = await readWithin(folder, name, limit);
    if (!blob.ok) return blob;
    signal?.throwIfAborted();
    const header = await headerOf(blob.value, name);
    if (!header.ok) return header;
    shards.push({ name, blob: blob.value, header: header.value });
  }
  return ok(shards);
}

/** Names of the files that the index of a sharded checkpoint names. */
async function readIndex(folder: Folder): Promise<Result<string[], ExchangeError>> {
  if (!folder.has(INDEX_FILE)) return fault('missing', WEIGHTS_FILE, `neither it nor ${INDEX_FILE} is there`);
  const text = await readText(folder, INDEX_FILE, HEADER_LIMIT);
  if (!text.ok) return text;
  let map: unknown;
  try {
    const json = parseJson(text.value);
    map = isJsonObject(json) ? json['weight_map'] : null;
  } catch (thrown) {
    if (thrown instanceof JsonFault) return fault('index', INDEX_FILE, thrown.message);
    throw thrown;
  }
  if (typeof map !== 'object' || map === null || Array.isArray(map)) return fault('index', INDEX_FILE, 'weight_map is missing');
  const names = new Set<string>();
  for (const [tensor, file] of Object.entries(map as Readonly<Record<string, unknown>>)) {
    if (typeof file !== 'string' || !/^[\w.-]+\.safetensors$/.test(file))
      return fault(
        'index',
        INDEX_FILE,
        `${shown(tensor)} lies in ${shown(String(file))}, which is no name of a safetensors file`,
      );
    names.add(file);
    if (names.size > MOST_SHARDS) return fault('index', INDEX_FILE, `more than ${MOST_SHARDS} files`);
  }
  return names.size > 0 ? ok([...names].sort()) : fault('index', INDEX_FILE, 'weight_map is empty');
}

async function headerOf(blob: Blob, name: string): Promise<Result<Header, ExchangeError>> {
  const prefix = await bytesOf(blob.slice(0, LENGTH_BYTES), name);
  if (!prefix.ok) return prefix;
  const length = headerLength(prefix.value, blob.size);
  if (!length.ok) return fault('container', name, `${length.error.offence}: ${length.error.detail}`);
  const start = await bytesOf(blob.slice(0, LENGTH_BYTES + length.value), name);
  if (!start.ok) return start;
  const header = readHeader(start.value, blob.size);
  return header.ok ? header : fault('container', name, `${header.error.offence}: ${header.error.detail}`);
}

/** Where each of `tensors` lies. Every one has to be there, once, in its shape, and nothing else. */
function placesOf(
  shards: readonly Shard[],
  tensors: readonly PublishedTensor[],
  isTied: boolean,
): Result<ReadonlyMap<string, Place>, ExchangeError> {
  const found = new Map<string, Place>();
  for (const shard of shards)
    for (const entry of shard.header.entries) {
      const other = found.get(entry.name);
      if (other) return fault('tensor', shard.name, `${shown(entry.name)} is in ${other.shard.name} too`);
      found.set(entry.name, { shard, entry });
    }
  const places = new Map<string, Place>();
  for (const { name, shape, size } of tensors) {
    const place = found.get(name) ?? (isTied && name === HEAD ? found.get(EMBEDDING) : undefined);
    if (!place) {
      if (size === 0) continue;
      return fault('tensor', shards[0]!.name, `${name} is missing`);
    }
    const { entry, shard } = place;
    if (entry.shape.length !== shape.length || entry.shape.some((length, axis) => length !== shape[axis]))
      return fault('tensor', shard.name, `${name} is [${entry.shape.join(', ')}], expected [${shape.join(', ')}]`);
    if (entry.dtype === 'I32' || entry.dtype === 'I64')
      return fault('tensor', shard.name, `${name} is ${entry.dtype}, expected F32, F16 or BF16`);
    places.set(name, place);
  }
  const known = new Set(tensors.map(({ name }) => name));
  for (const [name, { shard }] of found)
    if (!known.has(name)) return fault('tensor', shard.name, `${shown(name)} belongs to no part of this model`);
  return ok(places);
}

type ReadWeights = ModelWeights & Pick<ImportedCheckpoint, 'storedAs' | 'bytes' | 'nonFinite'>;

async function readWeights(
  tensors: readonly PublishedTensor[],
  places: ReadonlyMap<string, Place>,
  { onProgress, signal }: Pick<ImportOptions, 'onProgress' | 'signal'>,
): Promise<Result<ReadWeights, ExchangeError>> {
  const sized = (part: PublishedTensor['part']): Float32Array<ArrayBuffer>[] => {
    const sizes: number[] = [];
    for (const tensor of tensors) if (tensor.part === part) sizes[tensor.index] = tensor.offset + tensor.size;
    return sizes.map((size) => new Float32Array(size));
  };
  const weights = { parameters: sized('parameter'), biases: sized('bias') };
  const total = [...places.values()].reduce((bytes, { entry }) => bytes + entry.end - entry.start, 0);
  const storedAs = new Set<StoredType>();
  const nonFinite: { name: string; count: number }[] = [];
  let bytes = 0;
  for (const { name, part, index, offset } of tensors) {
    const place = places.get(name);
    if (!place || part === 'nothing') continue;
    signal?.throwIfAborted();
    const { entry, shard } = place;
    const { dataStart } = shard.header;
    const data = await bytesOf(shard.blob.slice(dataStart + entry.start, dataStart + entry.end), shard.name);
    if (!data.ok) return data;
    const tensor = valuesOf(entry, data.value);
    if (!tensor.ok) return fault('container', shard.name, tensor.error.detail);
    const { values } = tensor.value;
    (part === 'bias' ? weights.biases : weights.parameters)[index]!.set(values, offset);
    const count = nonFiniteValues(values);
    if (count > 0) nonFinite.push({ name, count });
    storedAs.add(entry.dtype);
    onProgress?.((bytes += data.value.length), total);
  }
  return ok({ ...weights, storedAs: [...storedAs], bytes: total, nonFinite });
}
