// A published dots1 checkpoint becomes a model. All is checked before anything is allocated: configuration, memory, and every name, type
// and shape in every file.
import type { ModelConfig } from '../../config/modelConfig';
import { ok, type Result } from '../../core/result';
import type { SpecsOf } from '../runParts';
import { nonFiniteValues, valuesOf } from '../safetensors';
import { HEADER_LIMIT, type StoredType } from '../safetensorsHeader';
import { parseConfigJson } from './configJson';
import { bytesOf, CONFIG_FILE, fault, readText, type ExchangeError, type Folder } from './folder';
import { publishedCount, publishedTensors, weightBytes, type ModelWeights, type PublishedTensor } from './layout';
import { EMBEDDING, findTensors, HEAD, type Shard, type Shards } from './shards';

export const TOKENIZER_FILE = 'tokenizer.json';
const CONFIG_LIMIT = 1 << 20;
/** Bytes of the tokenizer.json of `vocabSize` tokens, indented or not: published ones have 50 to 130 a token. */
const tokenizerLimit = (vocabSize: number): number => Math.min(32 << 20, 2 ** 18 + 256 * vocabSize);

/** 62 layers of 256 experts have 48,000, and to list more than this takes too long. */
const MOST_TENSORS = 50_000;

/** The text of tokenizer.json; or why it is not read, which costs the model nothing but that it is given no text. */
export type TokenizerText = { readonly json: string } | { readonly fault: string };

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
  /** null where there is none. */
  readonly tokenizer: TokenizerText | null;
  /** Types of the weights in the files. */
  readonly storedAs: readonly StoredType[];
  readonly tensors: number;
  readonly shards: number;
  /** Bytes of the weights in the files. */
  readonly bytes: number;
  /** Tensors with values that are no finite numbers, and how many. */
  readonly nonFinite: readonly { readonly name: string; readonly count: number }[];
}

/** Rejects only with the reason of an aborted signal. */
export async function importFolder(folder: Folder, options: ImportOptions): Promise<Result<ImportedCheckpoint, ExchangeError>> {
  const text = await readText(folder, CONFIG_FILE, CONFIG_LIMIT, options.signal);
  if (!text.ok) return text;
  const config = parseConfigJson(text.value);
  if (!config.ok) {
    const detail = config.error.map(({ field, rule }) => `${field} (${rule})`).join(', ');
    return { ok: false, error: { offence: 'config', file: CONFIG_FILE, detail, fields: config.error } };
  }
  const { model, isTied } = config.value;
  const count = publishedCount(model);
  if (count > MOST_TENSORS) return fault('container', '', `too-many-names: ${count} tensors; the limit is ${MOST_TENSORS}`);
  const needed = weightBytes(model, options.specsOf);
  const { total, tensor } = options.limits;
  if (needed.total > total) return fault('too-large', '', `${size(needed.total)} > ${size(total)}`);
  if (needed.largest > tensor) return fault('too-large', '', `${size(needed.largest)} > ${size(tensor)} (1 tensor)`);
  const tensors = publishedTensors(model, options.specsOf);
  const { signal } = options;
  // Eight bytes a value is more than any type that is read takes.
  const found = await findTensors(folder, { tensors, isTied, limit: 2 * needed.total + HEADER_LIMIT, signal });
  if (!found.ok) return found;
  const tokenizer = await tokenizerIn(folder, model.vocabSize, signal);
  if (!tokenizer.ok) return tokenizer;
  const weights = await readWeights(tensors, found.value, options);
  const { length: shards } = found.value.shards;
  if (weights.ok && isTied && !isSame(weights.value.parameters, placeOf(tensors, EMBEDDING), placeOf(tensors, HEAD)))
    return fault('tensor', found.value.places.get(HEAD)!.shard.name, `${HEAD} differs from ${EMBEDDING}, to which it is tied`);
  return weights.ok ? ok({ model, tokenizer: tokenizer.value, shards, tensors: tensors.length, ...weights.value }) : weights;
}

async function tokenizerIn(
  folder: Folder,
  vocabSize: number,
  signal?: AbortSignal,
): Promise<Result<TokenizerText | null, ExchangeError>> {
  const size = folder.get(TOKENIZER_FILE)?.size;
  if (size === undefined) return ok(null);
  const limit = tokenizerLimit(vocabSize);
  if (size > limit) return ok({ fault: `${size} bytes for ${vocabSize} tokens; the limit is ${limit}` });
  const text = await readText(folder, TOKENIZER_FILE, limit, signal);
  return text.ok ? ok({ json: text.value }) : text;
}

const placeOf = (tensors: readonly PublishedTensor[], name: string): number =>
  tensors.find((tensor) => tensor.name === name)!.index;

/**
 * Whether a tied head is the embedding. One with values of its own is refused: transformers 4 would use the embedding all the same,
 * transformers 5 would not tie them.
 */
function isSame(parameters: readonly Float32Array[], embedding: number, head: number): boolean {
  const [one, other] = [parameters[embedding]!, parameters[head]!];
  return one.every((value, at) => Object.is(value, other[at]));
}

const size = (bytes: number): string =>
  bytes < 2 ** 30 ? `${(bytes / 2 ** 20).toFixed(1)} MiB` : `${(bytes / 2 ** 30).toFixed(2)} GiB`;

type ReadWeights = ModelWeights & Pick<ImportedCheckpoint, 'storedAs' | 'bytes' | 'nonFinite'>;

async function readWeights(
  tensors: readonly PublishedTensor[],
  { shards, places }: Shards,
  { onProgress, signal }: Pick<ImportOptions, 'onProgress' | 'signal'>,
): Promise<Result<ReadWeights, ExchangeError>> {
  const blobs = new Map<Shard, Blob>();
  for (const shard of shards) {
    const blob = await shard.file.read({ signal });
    if (!blob.ok) return blob;
    blobs.set(shard, blob.value);
  }
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
    const data = await bytesOf(blobs.get(shard)!.slice(dataStart + entry.start, dataStart + entry.end), shard.name);
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
