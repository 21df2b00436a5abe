// Texts that mean harm, as long as a tokenizer.json may be: each is refused by what is wrong with it, soon.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { quickest } from '../../testing/quickest';
import { DEFAULT_TOKENIZER_JSON } from '../default/defaultTokenizer';
import { parseTokenizerJson } from './tokenizerReader';

const TOKENS = 4096;
/** More than the file of so many tokens may have. */
const LONGEST = 2 ** 21;
const OURS = DEFAULT_TOKENIZER_JSON.trimEnd();

const filled = (piece: string): string => piece.repeat(Math.floor((LONGEST - 100) / piece.length));
const members = (count: number): string => Array.from({ length: count }, (_, at) => `"k${at}":1`).join(',');
/** Our file with `json` in front of its first member. */
const withFirst = (json: string): string => `{${json},${OURS.slice(1)}`;
const inModel = (json: string): string => `{"model":{${json}}}`;

const HOSTILE: readonly (readonly [string, string, () => string])[] = [
  ['open brackets', 'it is no JSON object', () => filled('[')],
  ['open braces', 'expected a text', () => filled('{')],
  ['levels without end in a member', 'more than 64 levels', () => `{"x":${filled('[')}`],
  ['a list of lists', 'more than 20000 items', () => `{"x":[${filled('[],')}0]}`],
  ['members by the thousand', 'more than 20000 items', () => `{${members(100_000)}}`],
  ['a member twice', '"version" comes twice', () => withFirst('"version":"1.0"')],
  ['a member of a million letters', 'model.type is missing', () => `{"${filled('a')}":1}`],
  ['nothing but space', 'it is no JSON object', () => filled(' ')],
  ['something behind it', 'expected the end', () => `${OURS}${OURS}`],
  ['a file cut short', 'the end', () => OURS.slice(0, -3)],
  ['a model that is a text', 'model is no JSON object', () => '{"model":"BPE"}'],
  ['another kind of model', 'model.type is not BPE', () => inModel('"type":"Unigram","vocab":[["a",0]]')],
  ['a vocabulary of lists', 'model.vocab or model.merges', () => inModel('"type":"BPE","vocab":[],"merges":[]')],
  ['more tokens than there is room for', 'there is room for 4096 tokens', () => inModel(`"vocab":{"a":${TOKENS}}`)],
  ['an id below zero', '"a" has no number', () => inModel('"vocab":{"a":-1}')],
  ['half an id', '"a" has no number', () => inModel('"vocab":{"a":0.5}')],
  ['an id twice', '"b" has 0 too', () => inModel('"vocab":{"a":0,"b":0}')],
  ['a token twice', '"a" comes twice', () => inModel('"vocab":{"a":0,"a":1}')],
  ['a token named __proto__ too many', 'is no byte-level token', () => OURS.replace('"!":33', '"__proto__ ":33')],
  ['a hole in the ids', 'each once', () => OURS.replace('"!":33', '"!":4000')],
  ['merges without end', 'it has more than 16384 merges', () => inModel(`"merges":[${filled('["a","b"],')}0]`)],
  ['a merge of three', 'is no pair', () => inModel('"merges":[["a","b","c"]]')],
  ['a merge of numbers', 'is no pair', () => inModel('"merges":[[1,2]]')],
  ['a merge written as one text of three', 'is no pair', () => inModel('"merges":["a b c"]')],
];

it.each(HOSTILE)('refuses %s, within 200 ms', async (_name, reason, make) => {
  const text = make();
  const prototype = Reflect.ownKeys(Object.prototype);
  const [parsed, took] = await quickest(200, () => Promise.resolve(parseTokenizerJson(text, TOKENS)));
  expect(took).toBeLessThan(200);
  expect(parsed.ok ? '' : parsed.error).toContain(reason);
  expect(parsed.ok ? '' : parsed.error).toMatch(/^.{1,500}$/su);
  expect(Reflect.ownKeys(Object.prototype)).toEqual(prototype);
});

it('ends with a tokenizer or a sentence, whatever became of the file', () => {
  let refused = 0;
  fc.assert(
    fc.property(fc.nat(OURS.length - 1), fc.nat(40), fc.string({ maxLength: 8 }), (at, cut, put) => {
      const parsed = parseTokenizerJson(OURS.slice(0, at) + put + OURS.slice(at + cut), TOKENS);
      if (!parsed.ok) refused++;
      expect(parsed.ok || parsed.error.length > 0).toBe(true);
    }),
    { numRuns: 300, seed: 11 },
  );
  expect(refused).toBeGreaterThan(200);
});

it('reads a tokenizer of exactly as many tokens as there is room for', () => {
  expect(parseTokenizerJson(OURS, 2048).ok).toBe(true);
  expect(parseTokenizerJson(OURS, 2047)).toEqual({ ok: false, error: expect.stringContaining('room for 2047 tokens') as string });
});
