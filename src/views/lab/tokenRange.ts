// A range of tokens as a person writes it: both ends are in it.
import type { TokenRange } from '../../config/intervention';

/** '3' or '3–7'; '' for all. */
export function rangeText(range: TokenRange | null): string {
  if (!range) return '';
  return range.to - range.from === 1 ? String(range.from) : `${range.from}–${range.to - 1}`;
}

/** What was typed: null for all; undefined where it is no range. */
export function parseRange(text: string): TokenRange | null | undefined {
  if (text.trim() === '') return null;
  const read = /^\s*(\d{1,6})(?:\s*[-–—~～]\s*(\d{1,6}))?\s*$/.exec(text);
  if (!read) return undefined;
  const [first, last] = [Number(read[1]), Number(read[2] ?? read[1])];
  return first <= last ? { from: first, to: last + 1 } : undefined;
}
