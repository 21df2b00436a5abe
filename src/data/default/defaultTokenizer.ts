// The tokenizer every run uses unless told otherwise: trained once on the full corpus by `npm run tokenizer`, committed with its hash.
import { assert } from '../../core/assert';
import { createBpeTokenizer } from '../bpe/bpeTokenizer';
import { parseTokenizerJson } from '../bpe/tokenizerReader';
import type { BpeVocabulary } from '../bpe/vocabulary';
import type { Tokenizer } from '../tokenizer';
import json from './tokenizer.json?raw';
import sha256 from './tokenizer.json.sha256?raw';

/** SHA-256 of the file, hexadecimal: a corpus names the tokenizer that made it. */
export const DEFAULT_TOKENIZER_SHA256 = sha256.trim();

/** The file itself, to save beside a checkpoint. */
export const DEFAULT_TOKENIZER_JSON = json;

/** V = 2,048, the end token last. */
export function defaultVocabulary(): BpeVocabulary {
  const vocabulary = parseTokenizerJson(json);
  assert(vocabulary.ok, () => `the committed tokenizer is unreadable: ${vocabulary.ok ? '' : vocabulary.error}`);
  return vocabulary.value;
}

export function createDefaultTokenizer(): Tokenizer {
  return createBpeTokenizer(defaultVocabulary());
}
