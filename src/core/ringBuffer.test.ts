import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RingBuffer } from './ringBuffer';

it('holds the last items in the order they came, and a new version after each', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 8 }), (items, capacity) => {
      const buffer = new RingBuffer<number>(capacity);
      for (const item of items) buffer.push(item);
      const kept = items.slice(-capacity);
      expect(buffer.toArray()).toEqual(kept);
      expect([buffer.length, buffer.version, buffer.last()]).toEqual([kept.length, items.length, kept.at(-1)]);
      expect([buffer.at(-1), buffer.at(kept.length)]).toEqual([undefined, undefined]);
    }),
  );
});

it('is empty after it was cleared, and begins anew', () => {
  const buffer = new RingBuffer<number>(2);
  for (const item of [1, 2, 3]) buffer.push(item);
  buffer.clear();
  expect(buffer.toArray()).toEqual([]);
  buffer.push(4);
  expect([buffer.toArray(), buffer.version]).toEqual([[4], 5]);
});
