// Where a token may not cross: text is cut into short chunks first, and merges happen inside a chunk.
// The pattern is written so that JavaScript (`u` flag) and Oniguruma (Hugging Face tokenizers) read it alike:
// spaces and ideographs are listed, because \s and script names differ between the two.

const SPACE = '\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const IDEOGRAPH = '\\u2e80-\\u2fd5\\u3005-\\u3007\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{323af}';

/** Escapes become the characters themselves: the two engines spell escapes differently. */
const literal = (set: string) =>
  set.replace(/\\u\{([0-9a-f]+)\}|\\u([0-9a-f]{4})|\\t|\\r/g, (escape, long?: string, short?: string) =>
    escape === '\\t' ? '\t' : escape === '\\r' ? '\r' : String.fromCodePoint(parseInt(long ?? short ?? '', 16)),
  );

const space = literal(SPACE);
const ideograph = literal(IDEOGRAPH);

/** Longest run of ideographs in a chunk: Chinese has no spaces, and a whole sentence would make every chunk unique. */
const LONGEST_IDEOGRAPH_RUN = 8;
/** Longest run of anything else, so that no input makes encoding slow. */
const LONGEST_RUN = 64;

/**
 * In order: English clitics; ideographs; a word with its leading space; one digit; other signs with their leading space;
 * spaces, leaving the last one to the word after them.
 */
export const CHUNK_PATTERN = [
  `'(?:s|t|re|ve|m|ll|d)`,
  `[${ideograph}]{1,${LONGEST_IDEOGRAPH_RUN}}`,
  ` ?(?:(?![${ideograph}])[\\p{L}\\p{M}]){1,${LONGEST_RUN}}`,
  ` ?\\p{N}`,
  ` ?(?:(?![${ideograph}])[^${space}\\p{L}\\p{M}\\p{N}]){1,${LONGEST_RUN}}`,
  `[${space}]{1,${LONGEST_RUN}}(?![^${space}])`,
  `[${space}]{1,${LONGEST_RUN}}`,
].join('|');

const CHUNKS = new RegExp(CHUNK_PATTERN, 'gu');

/** Chunks of `text`, in order; joined they are the text again. */
export function preTokenize(text: string): string[] {
  return text.match(CHUNKS) ?? [];
}
