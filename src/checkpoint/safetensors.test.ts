import { expect, it } from 'vitest';
import { readSafetensors } from './safetensors';

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
