// The header of a safetensors file: which tensors lie where. Every rule of the format is checked here, before a byte of data is touched.
import { JsonFault, JsonReader, shown } from '../core/jsonReader';
import { err, ok, type Result } from '../core/result';

export interface FormatError {
  readonly offence:
    | 'truncated'
    | 'header-too-large'
    | 'header-not-json'
    | 'duplicate-name'
    | 'too-many-names'
    | 'bad-entry'
    | 'unsupported-type'
    | 'bad-offsets'
    | 'trailing-bytes'
    /** An index of 64 bits that 32 do not hold. */
    | 'value-out-of-range';
  /** What is wrong where, in English, for a log. */
  readonly detail: string;
}

/** Bytes of one value. */
const BYTES_OF_TYPE = { F32: 4, I32: 4, I64: 8, BF16: 2, F16: 2 } as const;
export type StoredType = keyof typeof BYTES_OF_TYPE;

export interface TensorEntry {
  readonly name: string;
  readonly dtype: StoredType;
  readonly shape: readonly number[];
  /** Bytes from the start of the data. */
  readonly start: number;
  readonly end: number;
}

/** Whether a tensor has the lengths of `shape`, axis by axis. */
export const hasShape = (entry: Pick<TensorEntry, 'shape'>, shape: readonly number[]): boolean =>
  entry.shape.length === shape.length && entry.shape.every((length, axis) => length === shape[axis]);

export interface Header {
  /** In the order of their bytes, which they cover without hole or overlap. */
  readonly entries: readonly TensorEntry[];
  readonly metadata: ReadonlyMap<string, string>;
  /** First byte of the data in the file. */
  readonly dataStart: number;
}

export const METADATA = '__metadata__';
/** Bytes of the longest header that is read; the 100 MB of the reference reader are more than a page should take. */
export const HEADER_LIMIT = 8 * 1024 * 1024;
/** Bytes in front of the header: its length, 64 bits, little-endian. */
export const LENGTH_BYTES = 8;
const MOST_AXES = 32;
const DIGIT = /^[-\d]$/;
/** Tensors of one file. The largest dots1 that a run of ours can be has 24,617. */
export const MOST_NAMES = 25_000;

/** A tensor's name, dtype, shape and data_offsets, and a text of the metadata. */
const MOST_COLONS = MOST_NAMES * 5 + 1;
const [QUOTE, BACKSLASH, COLON, OPEN, CLOSE] = [0x22, 0x5c, 0x3a, 0x7b, 0x7d];
/** The header itself, and a tensor in it. What lies deeper breaks another rule. */
const DEEPEST = 2;

/** Whether a header has more members than `MOST_NAMES` allows: seen by its colons outside of texts, before anything is made of them. */
function hasTooManyMembers(header: Uint8Array): boolean {
  let colons = 0;
  let depth = 0;
  let inText = false;
  for (let at = 0; at < header.length && depth <= DEEPEST; at++) {
    const byte = header[at]!;
    if (byte === QUOTE) inText = !inText;
    else if (inText) at += byte === BACKSLASH ? 1 : 0;
    else if (byte === OPEN) depth++;
    else if (byte === CLOSE) depth--;
    else if (byte === COLON && ++colons > MOST_COLONS) return true;
  }
  return false;
}

/** Carries an error out of the reader's callbacks. */
class Refusal extends Error {
  readonly error: FormatError;

  constructor(offence: FormatError['offence'], detail: string) {
    super(detail);
    this.error = { offence, detail };
  }
}

const isStoredType = (dtype: string): dtype is StoredType => Object.hasOwn(BYTES_OF_TYPE, dtype);
const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0);

/** Bytes of the header, from the first bytes of the file. */
export function headerLength(prefix: Uint8Array, fileBytes: number): Result<number, FormatError> {
  if (prefix.length < LENGTH_BYTES)
    return err({ offence: 'truncated', detail: `${prefix.length} bytes; a header length takes ${LENGTH_BYTES}` });
  const length = Number(new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true));
  if (length > HEADER_LIMIT) return err({ offence: 'header-too-large', detail: `${length} bytes; the limit is ${HEADER_LIMIT}` });
  if (LENGTH_BYTES + length > fileBytes)
    return err({ offence: 'truncated', detail: `header of ${length} bytes in a file of ${fileBytes}` });
  return ok(length);
}

function readCounts(json: JsonReader, name: string, key: string): number[] {
  const refuse = (expected: string): never => {
    throw new Refusal('bad-entry', `${shown(name)}: ${key} is not ${expected}`);
  };
  if (json.next() !== '[') refuse('a list of whole numbers from 0 on');
  const counts: number[] = [];
  json.array(() => {
    const count = DIGIT.test(json.next()) ? json.number() : NaN;
    if (!isCount(count)) refuse('a list of whole numbers from 0 on');
    if (counts.push(count) > MOST_AXES) refuse(`a list of ${MOST_AXES} at most`);
  });
  return counts;
}

function readEntry(json: JsonReader, name: string): TensorEntry {
  if (json.next() !== '{') throw new Refusal('bad-entry', `${shown(name)} is not an object`);
  let dtype: string | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  json.object((key) => {
    if (key === 'dtype' && json.next() === '"') dtype = json.string();
    else if (key === 'shape') shape = readCounts(json, name, key);
    else if (key === 'data_offsets') offsets = readCounts(json, name, key);
    else throw new Refusal('bad-entry', `${shown(name)}: ${shown(key)} is no dtype, shape or data_offsets`);
  });
  return checkedEntry(name, dtype, shape, offsets);
}

function checkedEntry(name: string, dtype?: string, shape?: readonly number[], offsets?: readonly number[]): TensorEntry {
  if (dtype === undefined || !shape || !offsets)
    throw new Refusal('bad-entry', `${shown(name)}: one of dtype, shape, data_offsets is missing`);
  if (!isStoredType(dtype))
    throw new Refusal('unsupported-type', `${shown(name)}: ${shown(dtype)}; supported: ${Object.keys(BYTES_OF_TYPE).join(', ')}`);
  const [start, end, ...more] = offsets;
  if (start === undefined || end === undefined || more.length > 0 || end < start)
    throw new Refusal('bad-offsets', `${shown(name)}: data_offsets must be two whole numbers, the second not below the first`);
  const bytes = shape.reduce((product, length) => product * length, BYTES_OF_TYPE[dtype]);
  if (end - start !== bytes) throw new Refusal('bad-offsets', `${shown(name)}: ${end - start} bytes for a shape of ${bytes}`);
  return { name, dtype, shape, start, end };
}

function readTexts(json: JsonReader): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  json.object((key) => {
    if (json.next() !== '"') throw new Refusal('bad-entry', `${METADATA}: ${shown(key)} is not a text`);
    if (texts.size === MOST_NAMES) throw new Refusal('too-many-names', `more than ${MOST_NAMES} texts`);
    texts.set(key, json.string());
  });
  return texts;
}

/** Throws a Refusal unless `entries`, in the order of their bytes, cover the data without hole or overlap. */
function checkCover(entries: readonly TensorEntry[], dataBytes: number): void {
  let covered = 0;
  for (const { name, start, end } of entries) {
    if (end > dataBytes) throw new Refusal('truncated', `${shown(name)} ends at ${end}, past the ${dataBytes} bytes of data`);
    if (start !== covered)
      throw new Refusal(
        'bad-offsets',
        start < covered
          ? `${shown(name)} starts at ${start}, inside the tensor that ends at ${covered}`
          : `${start - covered} bytes before ${shown(name)} belong to no tensor`,
      );
    covered = end;
  }
  if (covered < dataBytes) throw new Refusal('trailing-bytes', `${dataBytes - covered} bytes at the end belong to no tensor`);
}

function refusalOf(thrown: unknown): FormatError {
  if (thrown instanceof Refusal) return thrown.error;
  if (!(thrown instanceof JsonFault)) throw thrown;
  return { offence: thrown.offence === 'duplicate-key' ? 'duplicate-name' : 'header-not-json', detail: thrown.message };
}

/**
 * The header of a file, or the first rule of the format that it breaks.
 * @param file the file's beginning: length and header at least
 * @param fileBytes how long the whole file is
 */
export function readHeader(file: Uint8Array, fileBytes = file.length): Result<Header, FormatError> {
  const length = headerLength(file, fileBytes);
  if (!length.ok) return length;
  const dataStart = LENGTH_BYTES + length.value;
  const bytes = file.subarray(LENGTH_BYTES, dataStart);
  if (bytes[0] !== 0x7b) return err({ offence: 'header-not-json', detail: 'it does not begin with {' });
  if (hasTooManyMembers(bytes)) return err({ offence: 'too-many-names', detail: `more than ${MOST_NAMES} tensors and texts` });
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return err({ offence: 'header-not-json', detail: 'it is no valid UTF-8' });
  }
  const entries: TensorEntry[] = [];
  let metadata: ReadonlyMap<string, string> = new Map();
  try {
    const json = new JsonReader(text);
    json.object((name) => {
      if (name === METADATA) metadata = readTexts(json);
      else if (entries.push(readEntry(json, name)) > MOST_NAMES)
        throw new Refusal('too-many-names', `more than ${MOST_NAMES} tensors`);
    });
    json.end();
    entries.sort((a, b) => a.start - b.start || a.end - b.end);
    checkCover(entries, fileBytes - dataStart);
  } catch (thrown) {
    return err(refusalOf(thrown));
  }
  return ok({ entries, metadata, dataStart });
}
