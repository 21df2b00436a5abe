// The safetensors container: an 8-byte header length, a JSON header, then the bytes of all tensors without gaps.
import { assert } from '../core/assert';
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from '../core/halfFloats';
import { err, ok, type Result } from '../core/result';
import { HEADER_LIMIT, LENGTH_BYTES, METADATA, readHeader, type FormatError, type TensorEntry } from './safetensorsHeader';

/** Floats of 16 bits, which are widened when read. */
export type NarrowType = 'BF16' | 'F16';

export interface SafeTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
  /** How a file holds the values, where that is narrower than they are. */
  readonly stored?: NarrowType;
}
export type SafeTensors = ReadonlyMap<string, SafeTensor>;

/** How many of `values` are NaN or infinite. */
export function nonFiniteValues(values: ArrayLike<number>): number {
  let count = 0;
  for (let at = 0; at < values.length; at++) if (!Number.isFinite(values[at]!)) count++;
  return count;
}

/** Indices of 64 bits, each as its lower and its upper half, in 32; null if one does not fit. */
function narrowed(halves: Int32Array): Int32Array | null {
  const narrow = new Int32Array(halves.length / 2);
  for (let at = 0; at < narrow.length; at++) {
    const low = halves[2 * at]!;
    // The upper half of a number that fits repeats its sign.
    if (halves[2 * at + 1] !== low >> 31) return null;
    narrow[at] = low;
  }
  return narrow;
}

/**
 * One tensor of a file, its floats widened to 32 bits and its indices narrowed to 32.
 * @param bytes exactly the tensor's own
 */
export function valuesOf({ name, dtype, shape }: TensorEntry, bytes: Uint8Array): Result<SafeTensor, FormatError> {
  // Copied by the constructor: the `slice` of a Node Buffer is a view of a larger one.
  const data = new Uint8Array(bytes).buffer;
  switch (dtype) {
    case 'BF16':
      return ok({ shape, values: fromBfloat16(new Uint16Array(data)), stored: dtype });
    case 'F16':
      return ok({ shape, values: fromFloat16(new Uint16Array(data)), stored: dtype });
    case 'F32':
      return ok({ shape, values: new Float32Array(data) });
    case 'I32':
      return ok({ shape, values: new Int32Array(data) });
    case 'I64': {
      const values = narrowed(new Int32Array(data));
      return values ? ok({ shape, values }) : err({ offence: 'value-out-of-range', detail: `${name}: an index exceeds 32 bits` });
    }
  }
}

/** Values as a file holds them. Throws if whole numbers are to be stored as floats. */
function storedValues(name: string, { values, stored }: SafeTensor): { dtype: string; data: ArrayBufferView } {
  if (!stored) return { dtype: values instanceof Float32Array ? 'F32' : 'I32', data: values };
  assert(values instanceof Float32Array, `${name}: whole numbers cannot be stored as ${stored}`);
  return { dtype: stored, data: stored === 'BF16' ? toBfloat16(values) : toFloat16(values) };
}

/** All tensors of a file, in the order of their bytes, each a copy. */
export function readSafetensors(bytes: Uint8Array): Result<SafeTensors, FormatError> {
  const header = readHeader(bytes);
  if (!header.ok) return header;
  const { entries, dataStart } = header.value;
  const tensors = new Map<string, SafeTensor>();
  for (const entry of entries) {
    const tensor = valuesOf(entry, bytes.subarray(dataStart + entry.start, dataStart + entry.end));
    if (!tensor.ok) return tensor;
    tensors.set(entry.name, tensor.value);
  }
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
  const file = new Uint8Array(LENGTH_BYTES + length + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + length);
  file.set(json, LENGTH_BYTES);
  let at = LENGTH_BYTES + length;
  for (const { buffer, byteOffset, byteLength } of pieces) {
    file.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return file;
}
