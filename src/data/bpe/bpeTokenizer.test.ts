import { Tokenizer as JsTokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Tokenizer as NativeTokenizer } from 'tokenizers';
import { createBpeTokenizer } from './bpeTokenizer';
import { CHUNK_PATTERN, preTokenize } from './preTokenize';
import { SAMPLE_TEXT } from './sampleText';
import { isSameVocabulary, toTokenizerJson } from './tokenizerJson';
import { parseTokenizerJson } from './tokenizerReader';
import { countChunks, trainBpe } from './train';

const counts = new Map<string, number>();
countChunks(SAMPLE_TEXT, counts);
const vocabulary = trainBpe(counts, 600);
const json = toTokenizerJson(vocabulary);
const tokenizer = createBpeTokenizer(vocabulary);
const native = NativeTokenizer.fromString(json);
const script = new JsTokenizer(JSON.parse(json) as object, {});

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const TEXTS: Record<string, string> = {
  sample: SAMPLE_TEXT,
  chinese: '调车场的月亮，慢慢升起来了。「車輪」慢慢轉；𠮷野家〇々、第12节车厢用API调用。',
  english: "They'll say it's the wagon's fault, won't they?  Three   spaces, a tab\tand\r\n\r\nlines.",
  emoji: '🚂🚃 👨‍👩‍👧‍👦 🇨🇳 ⚠️ 🧑🏽‍🔧!!! ',
  code: 'for (let i = 0; i < n; i++) {\n    if (a[i] !== b[i]) return `${i}`;\n}\n\n\n',
  'other scripts': 'ελληνικά русский 한국어 にほんご עברית ١٢٣ ½²³ naïve cafe\u0301 हिन्दी',
  spaces: ' \u00a0\u3000 \u2003x\u0085y\u2028z\ufeffw\u200bv \n \n',
  'long runs': `${'a'.repeat(200)}${' '.repeat(200)}${'车'.repeat(50)}${'!'.repeat(130)}${'9'.repeat(20)}`,
  'latin-1 bytes': new TextDecoder('latin1').decode(ALL_BYTES),
  empty: '',
};

describe('against the tokenizers of Hugging Face', () => {
  test.each(Object.entries(TEXTS))('%s: the same ids and the same text back', async (_, text) => {
    const ids = Array.from(tokenizer.encode(text));
    expect(ids).toEqual((await native.encode(text)).getIds());
    expect(ids).toEqual(script.encode(text).ids);
    expect(tokenizer.decode(ids)).toBe(await native.decode(ids, true));
    expect(tokenizer.decode(ids)).toBe(text);
  });

  test('any text: the same ids', async () => {
    const anything = fc.oneof(
      fc.string({ unit: fc.constantFrom(..."aе车 的，\n\t1!。é🚂』'st") }),
      fc.string({
        unit: fc
          .integer({ min: 0x20, max: 0x2fff })
          .map((code) => String.fromCodePoint(code))
          .filter((c) => /[\p{L}\p{N}\p{P}\p{S}\p{Z}]/u.test(c)),
      }),
    );
    await fc.assert(
      fc.asyncProperty(anything, async (text) => {
        expect(Array.from(tokenizer.encode(text))).toEqual((await native.encode(text)).getIds());
      }),
    );
  });

  test('bytes that are no characters decode to the same replacement characters', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: vocabulary.tokens.length - 1 })), async (ids) => {
        expect(tokenizer.decode(ids)).toBe(await native.decode(ids, true));
      }),
    );
  });
});

/** Every code point but the surrogates, as likely as not from the first plane. */
const anyText = fc.string({
  unit: fc
    .oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))
    .map((code) => String.fromCodePoint(code)),
});

describe('nothing is lost', () => {
  test('text comes back', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      }),
    );
  });

  test('any bytes come back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(tokenizer.decodeBytes(tokenizer.encodeBytes(bytes))).toEqual(bytes);
      }),
    );
    expect(tokenizer.decodeBytes(tokenizer.encodeBytes(ALL_BYTES))).toEqual(ALL_BYTES);
  });

  test('bytes of text are encoded as the text is', () => {
    expect(tokenizer.encodeBytes(new TextEncoder().encode(SAMPLE_TEXT))).toEqual(tokenizer.encode(SAMPLE_TEXT));
  });

  test('chunks joined are the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(preTokenize(text).join('')).toBe(text);
      }),
    );
  });

  test('a lone surrogate becomes a replacement character', () => {
    expect(tokenizer.decode(tokenizer.encode('a\ud800b'))).toBe('a\ufffdb');
  });
});

describe('the end token', () => {
  test('is never made by text and decodes to nothing', () => {
    const ids = tokenizer.encode('before<|endoftext|>after');
    expect(ids).not.toContain(tokenizer.endOfDocument);
    expect(tokenizer.decode(ids)).toBe('before<|endoftext|>after');
    expect(tokenizer.decode([tokenizer.endOfDocument])).toBe('');
    expect(tokenizer.piece(tokenizer.endOfDocument)).toBe('<|endoftext|>');
  });
});

describe('pieces', () => {
  test('show whole characters as they are and stray bytes in brackets', () => {
    expect(Array.from(new TextEncoder().encode('车'), (byte) => tokenizer.piece(byte)).join('')).toBe('⟨E8⟩⟨BD⟩⟨A6⟩');
    expect(tokenizer.piece('a'.charCodeAt(0))).toBe('a');
    expect(tokenizer.piece(tokenizer.encode('慢慢')[0]!)).toBe('慢慢');
  });
});

describe('tokenizer.json', () => {
  test('comes back as the same vocabulary', () => {
    expect(parseTokenizerJson(json)).toEqual({ ok: true, value: vocabulary });
  });

  test('merges written as strings are read too', () => {
    const older = JSON.parse(json) as { model: { merges: unknown } };
    older.model.merges = (older.model.merges as string[][]).map((merge) => merge.join(' '));
    expect(parseTokenizerJson(JSON.stringify(older))).toEqual({ ok: true, value: vocabulary });
  });

  test.each([
    ['{', 'not JSON'],
    ['{}', 'model.type'],
    [json.replace('"normalizer":null', '"normalizer":{"type":"NFC"}'), 'normalizes'],
    [json.replace(JSON.stringify(CHUNK_PATTERN), '"x"'), 'another pattern'],
    [json.replace('"!":33', '"!":34'), 'each once'],
    [json.replace('"merges":[[', '"merges":[["no","such"],['), 'unknown token'],
    [json.replace('"merges":[[', `"merges":[["${'n'.repeat(1e6)}","such"],[`), 'unknown token'],
    [json.replace('"merges":[[', `"merges":[${'['.repeat(1e5)}${']'.repeat(1e5)},[`), 'no pair'],
    [json.replace('"!":33', `"!":${'['.repeat(1e5)}${']'.repeat(1e5)}`), '"!" has no number'],
    [json.replace('"!":33', `"${'b'.repeat(1e6)}":33`), 'the limit is 1024'],
    [json.replace('"behavior":"Isolated"', '"behavior":"Removed"'), 'in another way'],
    [json.replaceAll('"add_prefix_space":false', '"add_prefix_space":true'), 'in another way'],
    [json.replace('"use_regex":false}]', '"use_regex":false},{"type":"Digits"}]'), 'in another way'],
    [json.replace('"ignore_merges":false', '"ignore_merges":true'), 'model.ignore_merges'],
    [json.replace('"added_tokens":[', '"added_tokens":[{"id":7,"content":"<think>"},'), 'added tokens'],
  ])('what is wrong with a damaged file is said (%#)', (text, reason) => {
    const parsed = parseTokenizerJson(text);
    expect(parsed.ok ? '' : parsed.error).toContain(reason);
    expect(parsed.ok ? '' : parsed.error).toMatch(/^.{1,500}$/su);
  });

  test('means the same however it is written, and another with one merge or byte changed', () => {
    const written = JSON.parse(json) as Record<string, object>;
    const { vocab, ...model } = written['model'] as { vocab: Record<string, number> };
    const again = {
      ...written,
      model: { vocab: Object.fromEntries(Object.entries(vocab).toReversed()), ...model, unk_token: null },
    };
    const parsed = parseTokenizerJson(JSON.stringify({ ...again, post_processor: { type: 'ByteLevel' } }, null, 2));
    expect(parsed.ok && isSameVocabulary(parsed.value, vocabulary)).toBe(true);
    const { tokens, merges } = vocabulary;
    expect(isSameVocabulary({ ...vocabulary, merges: merges.slice(1) }, vocabulary)).toBe(false);
    expect(isSameVocabulary({ ...vocabulary, tokens: tokens.with(7, Uint8Array.of(8)) }, vocabulary)).toBe(false);
    expect(isSameVocabulary({ ...vocabulary, endOfDocument: 0 }, vocabulary)).toBe(false);
  });
});
