import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { Tokenizer as NativeTokenizer } from 'tokenizers';
import { SAMPLE_TEXT } from '../bpe/sampleText';
import { createDefaultTokenizer, DEFAULT_TOKENIZER_JSON, DEFAULT_TOKENIZER_SHA256 } from './defaultTokenizer';

const tokenizer = createDefaultTokenizer();

test('the committed tokenizer is the one its hash names', () => {
  expect(createHash('sha256').update(DEFAULT_TOKENIZER_JSON).digest('hex')).toBe(DEFAULT_TOKENIZER_SHA256);
});

test('it has 2,048 tokens, the end token last', () => {
  expect(tokenizer.vocabSize).toBe(2048);
  expect(tokenizer.endOfDocument).toBe(2047);
});

test('the tokenizer of Hugging Face reads it and agrees', async () => {
  const native = NativeTokenizer.fromString(DEFAULT_TOKENIZER_JSON);
  expect((await native.encode(SAMPLE_TEXT)).getIds()).toEqual(Array.from(tokenizer.encode(SAMPLE_TEXT)));
});

test('Chinese and English both take fewer tokens than bytes', () => {
  for (const text of ['月亮慢慢升起来了，车轮慢慢转。', 'Every evening the trains come in one by one.'])
    expect(tokenizer.encode(text).length).toBeLessThan(new TextEncoder().encode(text).length / 1.8);
});
