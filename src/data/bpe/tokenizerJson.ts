// Hugging Face's tokenizer.json, as other tools open it; tokenizerReader.ts reads it.
import { END_OF_DOCUMENT } from '../tokenizer';
import { bytesToAlphabet } from './byteAlphabet';
import { CHUNK_PATTERN } from './preTokenize';
import type { BpeVocabulary } from './vocabulary';

const PRE_TOKENIZER = {
  type: 'Sequence',
  pretokenizers: [
    { type: 'Split', pattern: { Regex: CHUNK_PATTERN }, behavior: 'Isolated', invert: false },
    { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
  ],
};

/** The text of tokenizer.json: same vocabulary, same characters. */
export function toTokenizerJson({ tokens, merges, endOfDocument }: BpeVocabulary): string {
  const name = (id: number) => (id === endOfDocument ? END_OF_DOCUMENT : bytesToAlphabet(tokens[id]!));
  const json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [
      {
        id: endOfDocument,
        content: END_OF_DOCUMENT,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      },
    ],
    normalizer: null,
    pre_tokenizer: PRE_TOKENIZER,
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((_, id) => [name(id), id])),
      merges: merges.map(([left, right]) => [name(left), name(right)]),
    },
  };
  return `${JSON.stringify(json)}\n`;
}

/** Whether two vocabularies make the same ids of any text, wherever their files came from. */
export function isSameVocabulary(one: BpeVocabulary, other: BpeVocabulary): boolean {
  return (
    one.endOfDocument === other.endOfDocument &&
    isSameList(one.tokens, other.tokens, (bytes, others) => isSameList(bytes, others, Object.is)) &&
    isSameList(one.merges, other.merges, (merge, others) => isSameList(merge, others, Object.is))
  );
}

function isSameList<Item>(one: ArrayLike<Item>, other: ArrayLike<Item>, isSame: (a: Item, b: Item) => boolean): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (!isSame(one[at]!, other[at]!)) return false;
  return true;
}
