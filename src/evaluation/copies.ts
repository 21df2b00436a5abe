// How much of what a model writes stood in its training text word for word.

/** Shorter runs occur everywhere. */
const SEED_LENGTH = 3;
/** Above any token id, so that three ids make one key. */
const BASE = 2 ** 16;

export interface Copy {
  /** Tokens. */
  readonly length: number;
  /** Which text holds it, and where it begins there and in the source; −1 where there is none. */
  readonly text: number;
  readonly start: number;
  readonly sourceStart: number;
}

const keyAt = (ids: ArrayLike<number>, at: number): number => (ids[at]! * BASE + ids[at + 1]!) * BASE + ids[at + 2]!;

/**
 * The longest run of tokens that one of `texts` has in common with `source`; runs of fewer than three count as none.
 * @param isAllowed whether place `i` of the source may be part of it
 */
export function longestCopy(
  texts: readonly ArrayLike<number>[],
  source: ArrayLike<number>,
  isAllowed: (place: number) => boolean = () => true,
): Copy {
  const places = new Map<number, { text: number; start: number }[]>();
  for (const [text, ids] of texts.entries()) {
    for (let start = 0; start + SEED_LENGTH <= ids.length; start++) {
      const key = keyAt(ids, start);
      const known = places.get(key);
      if (known) known.push({ text, start });
      else places.set(key, [{ text, start }]);
    }
  }
  let best: Copy = { length: 0, text: -1, start: -1, sourceStart: -1 };
  for (let at = 0; at + SEED_LENGTH <= source.length; at++) {
    for (const { text, start } of places.get(keyAt(source, at)) ?? []) {
      const ids = texts[text]!;
      let length = 0;
      while (start + length < ids.length && source[at + length] === ids[start + length] && isAllowed(at + length)) length++;
      if (length >= SEED_LENGTH && length > best.length) best = { length, text, start, sourceStart: at };
    }
  }
  return best;
}
