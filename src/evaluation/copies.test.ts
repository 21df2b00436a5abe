import fc from 'fast-check';
import { expect, it } from 'vitest';
import { longestCopy } from './copies';

/** Every pair of places, tried one after the other. */
function longestByTrying(texts: readonly number[][], source: readonly number[]): number {
  let best = 0;
  for (const text of texts)
    for (let i = 0; i < text.length; i++)
      for (let j = 0; j < source.length; j++) {
        let length = 0;
        while (i + length < text.length && j + length < source.length && text[i + length] === source[j + length]) length++;
        best = Math.max(best, length);
      }
  return best >= 3 ? best : 0;
}

it('finds the longest run that trying every place finds', () => {
  const ids = fc.array(fc.nat(2), { maxLength: 25 });
  fc.assert(
    fc.property(fc.array(ids, { maxLength: 3 }), ids, (texts, source) => {
      const { length, text, start, sourceStart } = longestCopy(texts, source);
      expect(length).toBe(longestByTrying(texts, source));
      if (length > 0) expect(texts[text]!.slice(start, start + length)).toEqual(source.slice(sourceStart, sourceStart + length));
    }),
  );
});

it('leaves out what may not be looked at', () => {
  expect(longestCopy([[1, 2, 3, 4, 5]], [1, 2, 3, 4, 5], (place) => place !== 3)).toMatchObject({ length: 3, sourceStart: 0 });
});
