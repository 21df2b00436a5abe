import { expect, test } from 'vitest';
import { shardChoices } from './shards';

test('a GPU takes the whole batch, or as few equal shards as can be', () => {
  expect(shardChoices(12, true)).toEqual([1, 2, 3, 4, 6, 12]);
  expect(shardChoices(17, true)).toEqual([1]);
});

test('a processor takes up to four, then more, then fewer', () => {
  expect(shardChoices(16, false)).toEqual([4, 8, 16, 2, 1]);
  expect(shardChoices(6, false)).toEqual([3, 6, 2, 1]);
  expect(shardChoices(7, false)).toEqual([1, 7]);
});
