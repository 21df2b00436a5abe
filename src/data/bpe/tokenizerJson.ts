// Hugging Face's tokenizer.json, written and read: the file that other tools open.
import { shown } from '../../core/jsonReader';
import { err, ok, type Result } from '../../core/result';
import { END_OF_DOCUMENT } from '../tokenizer';
import { alphabetToBytes, bytesToAlphabet } from './byteAlphabet';
import { CHUNK_PATTERN } from './preTokenize';
import type { BpeVocabulary } from './vocabulary';

/** No chunk of text has as many bytes, so that no token of more could be made. */
const LONGEST_TOKEN = 1024;

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

/**
 * Reads a tokenizer.json of the kind `toTokenizerJson` writes: byte-level BPE with our pre-tokenizer and one end token.
 * The error says in English what is not as expected.
 */
export function parseTokenizerJson(text: string): Result<BpeVocabulary, string> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return err(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const model = field(json, 'model');
  if (field(model, 'type') !== 'BPE') return err('model.type is not BPE');
  const other = otherMeaning(json, model);
  return other === null ? readModel(field(model, 'vocab'), field(model, 'merges')) : err(other);
}

/** What would cut text into other tokens than our tokenizer does with the same vocabulary; null: nothing. */
function otherMeaning(json: unknown, model: unknown): string | null {
  if (field(json, 'normalizer') != null) return 'it normalizes text; only tokenizers that keep every byte are read';
  const steps = field(field(json, 'pre_tokenizer'), 'pretokenizers');
  const [split, bytes, ...more] = Array.isArray(steps) ? (steps as unknown[]) : [];
  if (field(field(split, 'pattern'), 'Regex') !== CHUNK_PATTERN) return 'it cuts text into chunks by another pattern';
  const isSplit = field(split, 'type') === 'Split' && field(split, 'behavior') === 'Isolated' && !field(split, 'invert');
  // What is left out is on in the tokenizers of Hugging Face.
  const isBytes =
    field(bytes, 'type') === 'ByteLevel' && field(bytes, 'add_prefix_space') === false && field(bytes, 'use_regex') === false;
  if (!isSplit || !isBytes || more.length > 0) return 'it cuts text into chunks, or chunks into bytes, in another way';
  for (const name of ['dropout', 'continuing_subword_prefix', 'end_of_word_suffix', 'byte_fallback', 'ignore_merges'])
    if (field(model, name)) return `model.${name} is not off`;
  const added = field(json, 'added_tokens');
  const stranger = Array.isArray(added)
    ? (added as unknown[]).find((token) => field(token, 'content') !== END_OF_DOCUMENT)
    : null;
  return stranger ? 'it looks for added tokens in the text' : null;
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

function readModel(vocab: unknown, merges: unknown): Result<BpeVocabulary, string> {
  if (typeof vocab !== 'object' || vocab === null || !Array.isArray(merges)) return err('model.vocab or model.merges is missing');
  const idOf = new Map<string, unknown>(Object.entries(vocab));
  const tokens: Uint8Array[] = [];
  for (const [name, id] of idOf) {
    if (name.length > LONGEST_TOKEN) return err(`${shown(name)} has ${name.length} bytes; the limit is ${LONGEST_TOKEN}`);
    const bytes = name === END_OF_DOCUMENT ? new Uint8Array(0) : alphabetToBytes(name);
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= idOf.size || tokens[id])
      return err(`ids are not 0 to ${idOf.size - 1}, each once: ${shown(name)} has ${typeof id === 'number' ? id : typeof id}`);
    if (!bytes) return err(`${shown(name)} is no byte-level token`);
    tokens[id] = bytes;
  }
  const ids = idOf as ReadonlyMap<string, number>;
  const endOfDocument = ids.get(END_OF_DOCUMENT);
  if (endOfDocument === undefined) return err(`there is no ${END_OF_DOCUMENT}`);
  for (let byte = 0; byte < 256; byte++)
    if (!ids.has(bytesToAlphabet(Uint8Array.of(byte)))) return err(`byte ${byte} has no token`);
  const read: (readonly [number, number, number])[] = [];
  for (const merge of merges as unknown[]) {
    const [left, right] = typeof merge === 'string' ? merge.split(' ', 2) : Array.isArray(merge) ? (merge as unknown[]) : [];
    if (typeof left !== 'string' || typeof right !== 'string') return err(`merge ${read.length} is no pair of tokens`);
    const [first, second, merged] = [ids.get(left), ids.get(right), ids.get(left + right)];
    if (first === undefined || second === undefined || merged === undefined)
      return err(`merge ${read.length}, ${shown(left)} and ${shown(right)}, names an unknown token`);
    read.push([first, second, merged]);
  }
  return ok({ tokens, merges: read, endOfDocument });
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
