import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LAB_PLACE, readLab, WRITING, writeLab, type LabPlace } from './labLink';

const options = (link: string): string[] => link.split('&').slice(1);

test('what is asked survives the address, whatever signs it holds', () => {
  const decimal = (max: number) => fc.integer({ min: 0, max: max * 1000 }).map((value) => value / 1000);
  const place: fc.Arbitrary<LabPlace> = fc.record({
    text: fc.string({ minLength: 1, maxLength: 100, unit: 'grapheme' }),
    changes: fc.constantFrom('', 'm_*_*_3_zero~h_0_2.5'),
    continuation: fc.array(fc.integer({ min: 0, max: 2047 }), { maxLength: 40 }),
    writing: fc.record({
      tokens: fc.integer({ min: 1, max: 512 }),
      temperature: decimal(2),
      topK: fc.integer({ min: 0, max: 2048 }),
      topP: decimal(1),
      repetitionPenalty: decimal(2),
      seed: fc.integer({ min: 0, max: 0xffffffff }),
    }),
    model: fc.constantFrom('', 'shipped.5000', 'imported.a-b'),
    layer: fc.integer({ min: 0, max: 60 }),
    token: fc.option(fc.integer({ min: 0, max: 127 })),
    compare: fc.constantFrom('', 'lab,prompt,shipped.0,typed.a%20b'),
  });
  fc.assert(
    fc.property(place, (asked) => {
      expect(readLab(options(writeLab(asked)))).toEqual(asked);
    }),
  );
});

test('what is as usual takes no room; nothing asked is nothing', () => {
  expect(writeLab(LAB_PLACE)).toBe('');
  expect(readLab(['lang=zh'])).toBeNull();
  expect(writeLab({ ...LAB_PLACE, text: 'x'.repeat(5000), continuation: [1], compare: 'x'.repeat(5000) })).toBe('');
});

test('half a surrogate pair becomes the sign for what cannot be read', () => {
  expect(readLab(options(writeLab({ ...LAB_PLACE, text: 'a\ud83eb' })))?.text).toBe('a\ufffdb');
});

test('broken options are as if they were not there', () => {
  expect(readLab(['prompt=%E4%'])).toBeNull();
  expect(readLab(['prompt=a', 'after=1.x'])).toBeNull();
  expect(readLab(['prompt=a', `after=${Array.from({ length: 1000 }, () => 1).join('.')}`])).toBeNull();
  expect(readLab(['prompt=a', 'write=1_2', 'layer=-1', 'token=x'])).toEqual({ ...LAB_PLACE, text: 'a' });
  expect(readLab(['layer=x', 'model='])).toEqual(LAB_PLACE);
  expect(readLab(['prompt=a'])?.writing).toEqual(WRITING);
  fc.assert(
    fc.property(fc.array(fc.string()), (any) => void readLab(any.flatMap((one) => [`prompt=${one}`, `after=${one}`, one]))),
  );
});
