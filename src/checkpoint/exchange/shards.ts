// Which tensor lies where in the files of a checkpoint: told by their headers alone. Of a packed file no more than that is unpacked before
// every name, type and shape in every file has been held against the model.
import { isJsonObject, JsonFault, parseJson, shown } from '../../core/jsonReader';
import { ok, type Result } from '../../core/result';
import {
  hasShape,
  headerLength,
  HEADER_LIMIT,
  LENGTH_BYTES,
  readHeader,
  type Header,
  type TensorEntry,
} from '../safetensorsHeader';
import { bytesOf, fault, fileIn, readText, type ExchangeError, type Folder, type FolderFile } from './folder';
import type { PublishedTensor } from './layout';

export const WEIGHTS_FILE = 'model.safetensors';
const INDEX_FILE = 'model.safetensors.index.json';
/** A model of one part may have more files than this only to harm. */
const MOST_SHARDS = 512;
/** As long as the names of files are on any disk. */
const FILE_NAME = /^[\w.-]{1,240}\.safetensors$/;
/** Most headers are no longer, so that a packed one is unpacked once. */
const USUAL_HEADER = 1 << 16;
export const EMBEDDING = 'model.embed_tokens.weight';
export const HEAD = 'lm_head.weight';

export interface Shard {
  readonly name: string;
  readonly file: FolderFile;
  readonly header: Header;
}
export interface Place {
  readonly shard: Shard;
  readonly entry: TensorEntry;
}
export interface Shards {
  readonly shards: readonly Shard[];
  /** By name, of every tensor of the model that has values. */
  readonly places: ReadonlyMap<string, Place>;
}

export interface Sought {
  readonly tensors: readonly PublishedTensor[];
  /** The head is the embedding, and need not have a tensor of its own. */
  readonly isTied: boolean;
  /** Bytes of all files together. */
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
}

/** The tensors that have to be in each file, at least. */
type Index = ReadonlyMap<string, readonly string[]>;

/** Where each tensor lies. Every one has to be there, once, in its shape, and nothing else. */
export async function findTensors(folder: Folder, sought: Sought): Promise<Result<Shards, ExchangeError>> {
  const expected = new Map(sought.tensors.map((tensor) => [tensor.name, tensor]));
  const index: Result<Index, ExchangeError> = folder.has(WEIGHTS_FILE)
    ? ok(new Map([[WEIGHTS_FILE, []]]))
    : await readIndex(folder, expected, sought.signal);
  if (!index.ok) return index;
  const files = filesWithin(folder, [...index.value.keys()], sought.limit);
  if (!files.ok) return files;
  const shards: Shard[] = [];
  const places = new Map<string, Place>();
  let room = roomForHeaders(files.value.length, sought.tensors.length);
  for (const [name, file] of files.value) {
    sought.signal?.throwIfAborted();
    const header = await headerOf(file, name, room, sought.signal);
    if (!header.ok) return header;
    room -= header.value.dataStart - LENGTH_BYTES;
    const shard = { name, file, header: header.value };
    shards.push(shard);
    for (const entry of shard.header.entries) {
      const wrong = strangenessOf(entry, expected.get(entry.name), places.get(entry.name));
      if (wrong !== null) return fault('tensor', name, wrong);
      places.set(entry.name, { shard, entry });
    }
    const absent = index.value.get(name)!.find((tensor) => places.get(tensor)?.shard !== shard);
    if (absent !== undefined) return fault('tensor', name, `${absent} is missing, and ${INDEX_FILE} places it here`);
  }
  return everyTensor(shards, places, sought);
}

/** Bytes of all headers together: hundreds of them may hold nothing but space. An entry takes 200 bytes, and there are texts besides. */
const roomForHeaders = (files: number, tensors: number): number =>
  files === 1 ? HEADER_LIMIT : Math.min(HEADER_LIMIT, 2 ** 20 + 400 * tensors);

/** What is wrong with a tensor of a file. */
function strangenessOf(entry: TensorEntry, expected?: PublishedTensor, other?: Place): string | null {
  const { name, shape, dtype } = entry;
  if (!expected) return `${shown(name)} belongs to no part of this model`;
  if (other) return `${name} is in ${shown(other.shard.name)} too`;
  if (!hasShape(entry, expected.shape)) return `${name} is [${shape.join(', ')}], expected [${expected.shape.join(', ')}]`;
  return dtype === 'I32' || dtype === 'I64' ? `${name} is ${dtype}, expected F32, F16 or BF16` : null;
}

function everyTensor(
  shards: readonly Shard[],
  found: ReadonlyMap<string, Place>,
  { tensors, isTied }: Sought,
): Result<Shards, ExchangeError> {
  const places = new Map<string, Place>();
  for (const { name, size } of tensors) {
    const place = found.get(name) ?? (isTied && name === HEAD ? found.get(EMBEDDING) : undefined);
    if (place) places.set(name, place);
    else if (size > 0) return fault('tensor', shards[0]!.name, `${name} is missing`);
  }
  return ok({ shards, places });
}

/** The files, if they announce no more bytes together than `limit`. */
function filesWithin(folder: Folder, names: readonly string[], limit: number): Result<[string, FolderFile][], ExchangeError> {
  const files: [string, FolderFile][] = [];
  let announced = 0;
  for (const name of names) {
    const file = fileIn(folder, name);
    if (!file.ok) return file;
    announced += file.value.size;
    files.push([name, file.value]);
  }
  if (announced <= limit) return ok(files);
  return fault('too-long', names.length === 1 ? names[0]! : INDEX_FILE, `${announced} bytes of weights; the limit is ${limit}`);
}

/** Which tensors the index of a sharded checkpoint places in which file, the files by name. */
async function readIndex(
  folder: Folder,
  expected: ReadonlyMap<string, PublishedTensor>,
  signal?: AbortSignal,
): Promise<Result<Index, ExchangeError>> {
  if (!folder.has(INDEX_FILE)) return fault('missing', WEIGHTS_FILE, `neither it nor ${INDEX_FILE} is there`);
  const text = await readText(folder, INDEX_FILE, HEADER_LIMIT, signal);
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
  const files = new Map<string, string[]>();
  for (const [tensor, file] of Object.entries(map as Readonly<Record<string, unknown>>)) {
    if (typeof file !== 'string' || !FILE_NAME.test(file))
      return fault(
        'index',
        INDEX_FILE,
        `${shown(tensor)} lies in ${shown(String(file))}, which is no name of a safetensors file`,
      );
    if (!expected.has(tensor)) return fault('tensor', INDEX_FILE, `${shown(tensor)} belongs to no part of this model`);
    const tensors = files.get(file);
    if (tensors) tensors.push(tensor);
    else if (files.size === MOST_SHARDS) return fault('index', INDEX_FILE, `more than ${MOST_SHARDS} files`);
    else files.set(file, [tensor]);
  }
  if (files.size === 0) return fault('index', INDEX_FILE, 'weight_map is empty');
  return ok(new Map([...files].sort(([one], [other]) => (one < other ? -1 : 1))));
}

/** @param most bytes that it may have */
async function headerOf(
  file: FolderFile,
  name: string,
  most: number,
  signal?: AbortSignal,
): Promise<Result<Header, ExchangeError>> {
  let blob = await file.read({ most: USUAL_HEADER, signal });
  if (!blob.ok) return blob;
  const prefix = await bytesOf(blob.value.slice(0, LENGTH_BYTES), name);
  if (!prefix.ok) return prefix;
  const length = headerLength(prefix.value, file.size);
  if (!length.ok) return fault('container', name, `${length.error.offence}: ${length.error.detail}`);
  if (length.value > most)
    return fault('container', name, `header-too-large: ${length.value} bytes; ${most} are left of what all headers may have`);
  const dataStart = LENGTH_BYTES + length.value;
  if (blob.value.size < dataStart) blob = await file.read({ most: dataStart, signal });
  if (!blob.ok) return blob;
  const start = await bytesOf(blob.value.slice(0, dataStart), name);
  if (!start.ok) return start;
  const header = readHeader(start.value, file.size);
  return header.ok ? header : fault('container', name, `${header.error.offence}: ${header.error.detail}`);
}
