import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readSafetensors, writeSafetensors, type SafeTensor } from './safetensors';
import { readHeader } from './safetensorsHeader';

const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };

/** A file of a header and `bytes` bytes of data. */
function file(header: unknown, bytes: number, length?: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const whole = new Uint8Array(8 + json.length + bytes);
  new DataView(whole.buffer).setBigUint64(0, BigInt(length ?? json.length), true);
  whole.set(json, 8);
  return whole;
}

const offenceOf = (bytes: Uint8Array) => {
  const result = readSafetensors(bytes);
  return result.ok ? 'none' : result.error.offence;
};

it('reads what was written, wherever the bytes begin', () => {
  const bytes = file({ a: entry, __metadata__: { format: 'pt' } }, 8);
  new DataView(bytes.buffer).setFloat32(bytes.length - 4, 2.5, true);
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  const result = readSafetensors(shifted.subarray(3));
  expect(result.ok && [...result.value].map(([name, { shape, values }]) => [name, shape, [...values]])).toEqual([
    ['a', [2], [0, 2.5]],
  ]);
});

it('names what is wrong with a hostile file instead of reading beyond it', () => {
  expect(offenceOf(new Uint8Array(5))).toBe('truncated');
  expect(offenceOf(file({ a: entry }, 8, 2 ** 40))).toMatch(/header-too-large|truncated/);
  expect(offenceOf(file('no json', 0))).toBe('header-not-json');
  expect(offenceOf(file({ a: { ...entry, shape: [-2] } }, 8))).toBe('bad-entry');
  expect(offenceOf(file({ a: { ...entry, dtype: 'F8' } }, 8))).toBe('unsupported-type');
  expect(offenceOf(file({ a: { ...entry, data_offsets: [0, 4] } }, 8))).toBe('bad-offsets');
  expect(offenceOf(file({ a: entry }, 4))).not.toBe('none');
});

it('gives back the tensors and texts that were written, to the bit', () => {
  const shape = fc.array(fc.nat(4), { maxLength: 3 });
  const tensor = fc.tuple(shape, fc.boolean(), fc.integer()).map(([lengths, isFloat, seed]): SafeTensor => {
    const size = lengths.reduce((product, length) => product * length, 1);
    const bits = Int32Array.from({ length: size }, (_, index) => Math.imul(seed + index, 0x9e3779b1));
    return { shape: lengths, values: isFloat ? new Float32Array(bits.buffer) : bits };
  });
  const name = fc.oneof(fc.string(), fc.constant('__proto__')).filter((text) => text !== '__metadata__');
  fc.assert(
    fc.property(fc.dictionary(name, tensor), fc.dictionary(name, fc.string()), (tensors, texts) => {
      const file = writeSafetensors(new Map(Object.entries(tensors)), new Map(Object.entries(texts)));
      const back = readSafetensors(file);
      const bytesOf = ({ shape: lengths, values }: SafeTensor) => [
        lengths,
        values.constructor.name,
        [...new Uint8Array(values.buffer, values.byteOffset, values.byteLength)],
      ];
      const described = (all: Iterable<readonly [string, SafeTensor]>) =>
        new Map([...all].map(([key, one]) => [key, bytesOf(one)]));
      expect(back.ok && described(back.value)).toEqual(described(Object.entries(tensors)));
      const header = readHeader(file);
      expect(header.ok && Object.fromEntries(header.value.metadata)).toEqual({ ...texts });
      expect(Number(new DataView(file.buffer).getBigUint64(0, true)) % 8).toBe(0);
    }),
  );
});

it('refuses a text that is no text, and values that do not fill their shape', () => {
  const result = readHeader(file({ __metadata__: { format: 1 } }, 0));
  expect(!result.ok && result.error.offence).toBe('bad-entry');
  expect(() => writeSafetensors(new Map([['a', { shape: [3], values: new Float32Array(2) }]]))).toThrow('a: 2 values');
});

it('stores floats of 16 bits where a tensor says so, and widens them when it reads', () => {
  const values = Float32Array.of(1, -2.5, 65504, 0.1);
  for (const stored of ['BF16', 'F16'] as const) {
    const written = writeSafetensors(new Map([['a', { shape: [2, 2], values, stored }]]));
    const read = readSafetensors(written);
    const tensor = read.ok ? read.value.get('a')! : null;
    expect(tensor?.stored).toBe(stored);
    for (const [index, value] of values.entries())
      expect(Math.abs(tensor!.values[index]! - value) / Math.abs(value)).toBeLessThan(2 ** (stored === 'BF16' ? -8 : -11));
    expect(writeSafetensors(new Map([['a', tensor!]]))).toEqual(written);
  }
});
