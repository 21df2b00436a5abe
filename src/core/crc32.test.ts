import fc from 'fast-check';
import { expect, it } from 'vitest';
import { crc32 } from './crc32';

const of = (text: string): number => crc32(new TextEncoder().encode(text));

it('the published check values come out', () => {
  expect(of('')).toBe(0);
  expect(of('123456789')).toBe(0xcbf43926);
  expect(of('The quick brown fox jumps over the lazy dog')).toBe(0x414fa339);
  expect(crc32(new Uint8Array(32))).toBe(0x190a55ad);
  expect(crc32(new Uint8Array(32).fill(255))).toBe(0xff6cab0b);
});

it('one changed byte is always noticed', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (bytes, at, flip) => {
        const changed = bytes.slice();
        changed[at % bytes.length]! ^= flip;
        return crc32(changed) !== crc32(bytes);
      },
    ),
  );
});

/** Bit by bit, as the polynomial is defined. */
function plain(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) {
    remainder ^= byte;
    for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  }
  return (remainder ^ 0xffffffff) >>> 0;
}

it('any length, from any place in its buffer, agrees with the definition', () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, index) => (index * index * 31 + 255 * (index & 1)) & 0xff);
  for (let from = 0; from < 9; from++)
    for (let length = 0; length < 70; length++) {
      const part = bytes.subarray(from, from + length);
      expect(crc32(part)).toBe(plain(part));
    }
  expect(crc32(bytes)).toBe(plain(bytes));
});
