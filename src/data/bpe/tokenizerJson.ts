// Hugging Face's tokenizer.json, written and read: the file that other tools open.
import { err, ok, type Result } from '../../core/result';
import { END_OF_DOCUMENT } from '../tokenizer';
import { alphabetToBytes, bytesToAlphabet } from './byteAlphabet';
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
  if (field(json, 'normalizer') != null) return err('it normalizes text; only tokenizers that keep every byte are read');
  const splits = field(field(json, 'pre_tokenizer'), 'pretokenizers');
  const pattern = Array.isArray(splits) ? field(field(splits[0], 'pattern'), 'Regex') : undefined;
  if (pattern !== CHUNK_PATTERN) return err('it cuts text into chunks by another pattern');
  return readModel(field(model, 'vocab'), field(model, 'merges'));
}

function readModel(vocab: unknown, merges: unknown): Result<BpeVocabulary, string> {
  if (typeof vocab !== 'object' || vocab === null || !Array.isArray(merges)) return err('model.vocab or model.merges is missing');
  const idOf = new Map<string, number>(Object.entries(vocab));
  const tokens: Uint8Array[] = [];
  for (const [name, id] of idOf) {
    const bytes = name === END_OF_DOCUMENT ? new Uint8Array(0) : alphabetToBytes(name);
    if (!Number.isInteger(id) || id < 0 || id >= idOf.size || tokens[id])
      return err(`ids are not 0 to ${idOf.size - 1}, each once: ${name} has ${id}`);
    if (!bytes) return err(`${name} is no byte-level token`);
    tokens[id] = bytes;
  }
  const endOfDocument = idOf.get(END_OF_DOCUMENT);
  if (endOfDocument === undefined) return err(`there is no ${END_OF_DOCUMENT}`);
  for (let byte = 0; byte < 256; byte++)
    if (!idOf.has(bytesToAlphabet(Uint8Array.of(byte)))) return err(`byte ${byte} has no token`);
  const read: (readonly [number, number, number])[] = [];
  for (const merge of merges as unknown[]) {
    const [left, right] = typeof merge === 'string' ? merge.split(' ') : Array.isArray(merge) ? (merge as unknown[]) : [];
    const ids = [left, right].map((name) => (typeof name === 'string' ? idOf.get(name) : undefined));
    const merged = idOf.get(`${String(left)}${String(right)}`);
    if (ids[0] === undefined || ids[1] === undefined || merged === undefined)
      return err(`merge ${JSON.stringify(merge)} names an unknown token`);
    read.push([ids[0], ids[1], merged]);
  }
  return ok({ tokens, merges: read, endOfDocument });
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
