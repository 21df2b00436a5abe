import fc from 'fast-check';
import { expect, it } from 'vitest';
import { quickest } from '../testing/quickest';
import { isJsonObject, JsonFault, parseJson, type Json } from './jsonReader';

const offenceOf = (text: string): string => {
  try {
    parseJson(text);
    return 'none';
  } catch (thrown) {
    if (thrown instanceof JsonFault) return thrown.offence;
    throw thrown;
  }
};

/** The same value with ordinary objects, for comparison. */
const plain = (value: Json): unknown =>
  isJsonObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]))
    : Array.isArray(value)
      ? value.map((item: Json) => plain(item))
      : value;

it('reads what JSON.parse reads, however it is spaced and escaped', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 1, 3), fc.boolean(), (value, spaces, isEscaped) => {
      const text = JSON.stringify(value, null, spaces);
      const written = isEscaped
        ? text.replace(/[^\x20-\x7e\s]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
        : text;
      expect(plain(parseJson(written))).toEqual(JSON.parse(written));
    }),
  );
});

it('refuses whatever JSON.parse refuses, and nothing else but duplicates and depth', () => {
  const letters = fc.constantFrom(...'{}[]",:0159.eE+-\\ntruefalsn \n\u0001'.split(''));
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 12 }), (parts) => {
      const text = parts.join('');
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      if (offenceOf(text) !== 'duplicate-key') expect(offenceOf(text)).toBe(isJson ? 'none' : 'syntax');
    }),
    { numRuns: 2000 },
  );
});

it('takes __proto__ for a key like any other', () => {
  const value = parseJson('{"__proto__": {"polluted": true}, "constructor": 1}');
  expect(Object.getPrototypeOf(value)).toBe(null);
  expect(isJsonObject(value) && Object.keys(value)).toEqual(['__proto__', 'constructor']);
  expect(({} as Record<string, unknown>)['polluted']).toBe(undefined);
});

it('names a key that comes twice, also where it is escaped', () => {
  expect(offenceOf('{"a": 1, "b": {"a": 2}}')).toBe('none');
  expect(offenceOf('{"a": 1, "\\u0061": 2}')).toBe('duplicate-key');
});

it('stops at a depth that no file of ours needs', () => {
  expect(offenceOf('['.repeat(1e6))).toBe('too-deep');
  expect(offenceOf(`${'['.repeat(64)}${']'.repeat(64)}`)).toBe('none');
});

it.each([
  ['items', (count: number) => `[${'1,'.repeat(count)}1]`],
  ['lists', (count: number) => `[${'[],'.repeat(count)}1]`],
  ['members', (count: number) => `[${'{"a":1},'.repeat(count / 2)}1]`],
])('stops soon at a text of nothing but %s', async (_, of) => {
  expect(offenceOf(of(299_998))).toBe('none');
  const [offence, milliseconds] = await quickest(200, () => offenceOf(of(2_000_000)));
  expect(offence).toBe('too-many');
  expect(milliseconds).toBeLessThan(200);
});
