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
