// Reads Hugging Face's tokenizer.json a piece at a time: a file that means harm, or another kind of tokenizer, is refused at its first offence.
import { isJsonObject, JsonFault, JsonReader, shown, type Json } from '../../core/jsonReader';
import { err, ok, type Result } from '../../core/result';
import { END_OF_DOCUMENT } from '../tokenizer';
import { alphabetToBytes, bytesToAlphabet } from './byteAlphabet';
import { CHUNK_PATTERN } from './preTokenize';
import type { BpeVocabulary } from './vocabulary';

/** No chunk of text has as many bytes, so that no token of more could be made. */
const LONGEST_TOKEN = 1024;
/** As many as any published vocabulary has, where no model says how many there may be. */
const MOST_TOKENS = 300_000;
/** Two pairs may make one token, but hardly more. */
const MERGES_PER_TOKEN = 4;
/** Members of everything but the vocabulary and its merges: added tokens have seven each. */
const MOST_OTHER_ITEMS = 20_000;
const DIGIT = /^\d$/;
/** What has to be off, since it would cut text otherwise. */
const MODEL_SWITCHES = new Set(['dropout', 'continuing_subword_prefix', 'end_of_word_suffix', 'byte_fallback', 'ignore_merges']);

/** Carries an error out of the reader's callbacks. */
class Refusal extends Error {}

function refuse(detail: string): never {
  throw new Refusal(detail);
}

/**
 * Reads a tokenizer.json of the kind `toTokenizerJson` writes: byte-level BPE with our pre-tokenizer and one end token.
 * The error says in English what is not as expected.
 * @param mostTokens tokens it may have
 */
export function parseTokenizerJson(text: string, mostTokens = MOST_TOKENS): Result<BpeVocabulary, string> {
  try {
    return ok(readTokenizer(new JsonReader(text, MOST_OTHER_ITEMS), mostTokens));
  } catch (thrown) {
    if (thrown instanceof Refusal) return err(thrown.message);
    if (thrown instanceof JsonFault) return err(`not JSON that is read here: ${thrown.message}`);
    throw thrown;
  }
}

interface ReadModel {
  readonly tokens: ReadonlyMap<string, number>;
  readonly merges: readonly (readonly [left: string, right: string])[];
}

function readTokenizer(json: JsonReader, mostTokens: number): BpeVocabulary {
  let model: ReadModel | undefined;
  let isCutAsHere = false;
  if (json.next() !== '{') refuse('it is no JSON object');
  json.object((key) => {
    if (key === 'model') model = readModel(json, mostTokens);
    else if (key === 'pre_tokenizer') isCutAsHere = checkPreTokenizer(json.value());
    else if (key === 'normalizer' && json.value() !== null)
      refuse('it normalizes text; only tokenizers that keep every byte are read');
    else if (key === 'added_tokens') checkAddedTokens(json.value());
    else if (key !== 'normalizer') json.value();
  });
  json.end();
  if (!model) return refuse('model.type is missing');
  if (!isCutAsHere) refuse('it cuts text into chunks by another pattern');
  return vocabularyOf(model);
}

function checkPreTokenizer(preTokenizer: Json): true {
  const steps = field(preTokenizer, 'pretokenizers');
  const [split, bytes, ...more] = Array.isArray(steps) ? (steps as readonly Json[]) : [];
  if (field(field(split, 'pattern'), 'Regex') !== CHUNK_PATTERN) refuse('it cuts text into chunks by another pattern');
  const isSplit = field(split, 'type') === 'Split' && field(split, 'behavior') === 'Isolated' && !field(split, 'invert');
  // What is left out is on in the tokenizers of Hugging Face.
  const isBytes =
    field(bytes, 'type') === 'ByteLevel' && field(bytes, 'add_prefix_space') === false && field(bytes, 'use_regex') === false;
  return (isSplit && isBytes && more.length === 0) || refuse('it cuts text into chunks, or chunks into bytes, in another way');
}

function checkAddedTokens(added: Json): void {
  const isOurs = (token: Json): boolean => field(token, 'content') === END_OF_DOCUMENT;
  if (Array.isArray(added) && !(added as readonly Json[]).every(isOurs)) refuse('it looks for added tokens in the text');
}

function readModel(json: JsonReader, mostTokens: number): ReadModel {
  let tokens: ReadModel['tokens'] | undefined;
  let merges: ReadModel['merges'] | undefined;
  let type: Json | undefined;
  const checkType = (): void => {
    if (type !== 'BPE') refuse('model.type is not BPE');
  };
  if (json.next() !== '{') refuse('model is no JSON object');
  json.object((key) => {
    if (key === 'type') {
      type = json.value();
      checkType();
    } else if (key === 'vocab' && json.next() === '{') tokens = readTokens(json, mostTokens);
    else if (key === 'merges' && json.next() === '[') merges = readMerges(json, MERGES_PER_TOKEN * mostTokens);
    else if (json.value() && MODEL_SWITCHES.has(key)) refuse(`model.${key} is not off`);
  });
  checkType();
  return tokens && merges ? { tokens, merges } : refuse('model.vocab or model.merges is missing');
}

/** Ids by name: whole numbers below `most`, each once. */
function readTokens(json: JsonReader, most: number): ReadonlyMap<string, number> {
  const ids = new Map<string, number>();
  const isTaken = new Uint8Array(most);
  json.allow(most);
  json.object((name) => {
    if (name.length > LONGEST_TOKEN) refuse(`${shown(name)} has ${name.length} bytes; the limit is ${LONGEST_TOKEN}`);
    const id = DIGIT.test(json.next()) ? json.number() : NaN;
    if (!Number.isInteger(id)) refuse(`${shown(name)} has no number that counts from 0`);
    if (id >= most) refuse(`${shown(name)} has id ${id}; there is room for ${most} tokens`);
    if (isTaken[id]) refuse(`ids are not there each once: ${shown(name)} has ${id} too`);
    isTaken[id] = 1;
    ids.set(name, id);
  });
  return ids;
}

function readMerges(json: JsonReader, most: number): [string, string][] {
  const merges: [string, string][] = [];
  json.allow(3 * most);
  json.array(() => {
    if (merges.length === most) refuse(`it has more than ${most} merges`);
    merges.push(readPair(json, merges.length));
  });
  return merges;
}

/** A merge: a list of two texts, or one text with a space between them, as older files have it. @param at for the error */
function readPair(json: JsonReader, at: number): [string, string] {
  const noPair = (): never => refuse(`merge ${at} is no pair of tokens`);
  const parts: string[] = [];
  if (json.next() === '"') parts.push(...json.string().split(' ', 3));
  else if (json.next() === '[') json.array(() => parts.push(json.next() === '"' ? json.string() : noPair()));
  const [left, right, ...more] = parts;
  return left === undefined || right === undefined || more.length > 0 ? noPair() : [left, right];
}

function vocabularyOf({ tokens: ids, merges }: ReadModel): BpeVocabulary {
  const tokens: Uint8Array[] = [];
  for (const [name, id] of ids) {
    if (id >= ids.size) refuse(`ids are not 0 to ${ids.size - 1}, each once: ${shown(name)} has ${id}`);
    tokens[id] =
      name === END_OF_DOCUMENT ? new Uint8Array(0) : (alphabetToBytes(name) ?? refuse(`${shown(name)} is no byte-level token`));
  }
  const endOfDocument = ids.get(END_OF_DOCUMENT) ?? refuse(`there is no ${END_OF_DOCUMENT}`);
  for (let byte = 0; byte < 256; byte++) if (!ids.has(bytesToAlphabet(Uint8Array.of(byte)))) refuse(`byte ${byte} has no token`);
  const read = merges.map(([left, right], at) => {
    const [first, second, merged] = [ids.get(left), ids.get(right), ids.get(left + right)];
    if (first === undefined || second === undefined || merged === undefined)
      return refuse(`merge ${at}, ${shown(left)} and ${shown(right)}, names an unknown token`);
    return [first, second, merged] as const;
  });
  return { tokens, merges: read, endOfDocument };
}

function field(value: Json | undefined, name: string): Json | undefined {
  return isJsonObject(value) ? value[name] : undefined;
}
