// The safetensors container: an 8-byte header length, a JSON header, then the bytes of all tensors without gaps.
import { assert } from '../core/assert';
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from '../core/halfFloats';
import { err, ok, type Result } from '../core/result';

/** Floats of 16 bits, which are widened when read. */
export type NarrowType = 'BF16' | 'F16';

export interface SafeTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
  /** How a file holds the values, where that is narrower than they are. */
  readonly stored?: NarrowType;
}
export type SafeTensors = ReadonlyMap<string, SafeTensor>;

export interface FormatError {
  readonly offence: 'truncated' | 'header-too-large' | 'header-not-json' | 'bad-entry' | 'unsupported-type' | 'bad-offsets';
  readonly detail: string;
}

const METADATA = '__metadata__';
const HEADER_LIMIT = 8 * 1024 * 1024;
const BYTES_OF_TYPE: Readonly<Record<string, number>> = { F32: 4, I32: 4, I64: 8, BF16: 2, F16: 2 };

interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function readEntry(name: string, value: unknown): Result<Entry, FormatError> {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  if (typeof dtype !== 'string' || !Array.isArray(shape) || !shape.every(isCount)) {
    return err({ offence: 'bad-entry', detail: `${name}: dtype or shape is malformed` });
  }
  const size = BYTES_OF_TYPE[dtype];
  if (size === undefined)
    return err({ offence: 'unsupported-type', detail: `${name}: ${dtype}; supported: ${Object.keys(BYTES_OF_TYPE).join(', ')}` });
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    return err({ offence: 'bad-offsets', detail: `${name}: data_offsets must be two whole numbers` });
  }
  const [start, end] = offsets as [number, number];
  const bytes = shape.reduce((product, length) => product * length, size);
  if (end - start !== bytes)
    return err({ offence: 'bad-offsets', detail: `${name}: ${end - start} bytes for a shape of ${bytes}` });
  return ok({ name, dtype, shape, start, end });
}

interface Header {
  readonly entries: readonly Entry[];
  readonly metadata: ReadonlyMap<string, string>;
  readonly dataStart: number;
}

function readHeader(bytes: Uint8Array): Result<Header, FormatError> {
  if (bytes.length < 8) return err({ offence: 'truncated', detail: `${bytes.length} bytes; a header length takes 8` });
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > HEADER_LIMIT) return err({ offence: 'header-too-large', detail: `${length} bytes; the limit is ${HEADER_LIMIT}` });
  if (8 + length > bytes.length)
    return err({ offence: 'truncated', detail: `header of ${length} bytes in a file of ${bytes.length}` });
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch (error) {
    return err({ offence: 'header-not-json', detail: String(error) });
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    return err({ offence: 'header-not-json', detail: 'not an object' });
  const entries: Entry[] = [];
  let metadata: ReadonlyMap<string, string> = new Map();
  for (const [name, value] of Object.entries(header) as [string, unknown][]) {
    if (name === METADATA) {
      const texts = Object.entries((value ?? {}) as object) as [string, unknown][];
      if (!texts.every((pair): pair is [string, string] => typeof pair[1] === 'string'))
        return err({ offence: 'bad-entry', detail: `${METADATA}: every value must be text` });
      metadata = new Map(texts);
      continue;
    }
    const entry = readEntry(name, value);
    if (!entry.ok) return entry;
    entries.push(entry.value);
  }
  return ok({ entries, metadata, dataStart: 8 + length });
}

/** The texts a file carries beside its tensors, by their names. */
export function readMetadata(bytes: Uint8Array): Result<ReadonlyMap<string, string>, FormatError> {
  const header = readHeader(bytes);
  return header.ok ? ok(header.value.metadata) : header;
}

function valuesOf(dtype: string, data: ArrayBuffer): Omit<SafeTensor, 'shape'> {
  switch (dtype) {
    case 'BF16':
      return { values: fromBfloat16(new Uint16Array(data)), stored: dtype };
    case 'F16':
      return { values: fromFloat16(new Uint16Array(data)), stored: dtype };
    case 'F32':
      return { values: new Float32Array(data) };
    case 'I32':
      return { values: new Int32Array(data) };
    default:
      return { values: Int32Array.from(new BigInt64Array(data), Number) };
  }
}

/** Values as a file holds them. Throws if whole numbers are to be stored as floats. */
function storedValues(name: string, { values, stored }: SafeTensor): { dtype: string; data: ArrayBufferView } {
  if (!stored) return { dtype: values instanceof Float32Array ? 'F32' : 'I32', data: values };
  assert(values instanceof Float32Array, `${name}: whole numbers cannot be stored as ${stored}`);
  return { dtype: stored, data: stored === 'BF16' ? toBfloat16(values) : toFloat16(values) };
}

/** All tensors of a file. int64 comes back as int32 (indices); the offsets must cover the data without hole or overlap. */
export function readSafetensors(bytes: Uint8Array): Result<SafeTensors, FormatError> {
  const header = readHeader(bytes);
  if (!header.ok) return header;
  const { entries, dataStart } = header.value;
  let expected = 0;
  const tensors = new Map<string, SafeTensor>();
  for (const entry of [...entries].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (entry.start !== expected)
      return err({ offence: 'bad-offsets', detail: `${entry.name}: starts at ${entry.start}, expected ${expected}` });
    if (dataStart + entry.end > bytes.length) return err({ offence: 'truncated', detail: `${entry.name}: ends past the file` });
    expected = entry.end;
    // Copied by the constructor: the `slice` of a Node Buffer is a view of a larger one.
    const data = new Uint8Array(bytes.subarray(dataStart + entry.start, dataStart + entry.end)).buffer;
    tensors.set(entry.name, { shape: entry.shape, ...valuesOf(entry.dtype, data) });
  }
  if (dataStart + expected !== bytes.length)
    return err({ offence: 'bad-offsets', detail: `${bytes.length - dataStart - expected} bytes belong to no tensor` });
  return ok(tensors);
}

/**
 * A file of `tensors` in their order, F32 and I32 or as each says it is stored, and of texts beside them. Throws if a tensor's values do
 * not fill its shape, or the header grows beyond what the reader accepts.
 */
export function writeSafetensors(
  tensors: SafeTensors,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array<ArrayBuffer> {
  const entries: [string, unknown][] = metadata.size > 0 ? [[METADATA, Object.fromEntries(metadata)]] : [];
  const pieces: ArrayBufferView[] = [];
  let end = 0;
  for (const [name, tensor] of tensors) {
    const { shape, values } = tensor;
    const size = shape.reduce((product, length) => product * length, 1);
    assert(name !== METADATA && size === values.length, `${name}: ${values.length} values for a shape of ${size}`);
    const { dtype, data } = storedValues(name, tensor);
    entries.push([name, { dtype, shape, data_offsets: [end, (end += data.byteLength)] }]);
    pieces.push(data);
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  // Spaces bring the data to a multiple of 8 bytes, so that a reader may use it where it lies.
  const length = Math.ceil(json.length / 8) * 8;
  assert(length <= HEADER_LIMIT, `a header of ${length} bytes; the limit is ${HEADER_LIMIT}`);
  const file = new Uint8Array(8 + length + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.fill(0x20, 8, 8 + length);
  file.set(json, 8);
  let at = 8 + length;
  for (const { buffer, byteOffset, byteLength } of pieces) {
    file.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return file;
}
