// What byte-pair encoding learned: the bytes of every token and the order of the merges.

export interface BpeVocabulary {
  /** Bytes of token id, [V]; empty for the end token. */
  readonly tokens: readonly Uint8Array[];
  /** (left id, right id, merged id), the earliest learned first. */
  readonly merges: readonly (readonly [left: number, right: number, merged: number])[];
  readonly endOfDocument: number;
}

/** The vocabulary of a list of merges: ids 0–255 are the bytes, merge i makes id 256 + i, the end token is last. */
export function vocabularyOfMerges(pairs: readonly (readonly [left: number, right: number])[]): BpeVocabulary {
  const tokens: Uint8Array[] = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
  const merges = pairs.map(([left, right], index) => {
    tokens.push(joinBytes([tokens[left]!, tokens[right]!]));
    return [left, right, 256 + index] as const;
  });
  tokens.push(new Uint8Array(0));
  return { tokens, merges, endOfDocument: tokens.length - 1 };
}

export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
