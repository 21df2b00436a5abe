import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { plainSha256, sha256 } from './sha256';

const expected = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

it('is the digest of Node, whatever the bytes and wherever they lie in their buffer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: 9 }), (bytes, start) => {
      expect(plainSha256(bytes.subarray(start))).toBe(expected(bytes.subarray(start)));
    }),
  );
  const long = new Uint8Array(1_000_003).map((_, index) => (index * 31) % 251);
  expect(plainSha256(long)).toBe(expected(long));
});

it('is the same with the browser’s help and without', async () => {
  const bytes = new TextEncoder().encode('abc');
  const told = await sha256(bytes);
  expect(told).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  vi.stubGlobal('crypto', {});
  try {
    expect(await sha256(bytes)).toBe(told);
  } finally {
    vi.unstubAllGlobals();
  }
});
