// UTF-8 looked at byte by byte: where whole characters are, and where bytes belong to none.

/**
 * Length of the well-formed UTF-8 character starting at `at`, or 0 if there is none (The Unicode Standard, table 3-7:
 * no overlong forms, no surrogates, nothing above U+10FFFF).
 */
export function characterLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  const length = lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  const second = bytes[at + 1]!;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let i = 2; i < length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return 0;
  return length;
}

export interface Utf8Run {
  readonly valid: boolean;
  readonly bytes: Uint8Array;
}

/** Cuts bytes into the longest runs that are well-formed UTF-8 and the runs between them that are not. */
export function utf8Runs(bytes: Uint8Array): Utf8Run[] {
  const runs: Utf8Run[] = [];
  let start = 0;
  let at = 0;
  let valid = true;
  const close = (end: number) => {
    if (end > start) runs.push({ valid, bytes: bytes.subarray(start, end) });
    start = end;
  };
  while (at < bytes.length) {
    const length = characterLength(bytes, at);
    if (length > 0 !== valid) {
      close(at);
      valid = length > 0;
    }
    at += Math.max(1, length);
  }
  close(at);
  return runs;
}

/** Characters that start in these bytes: every byte but continuation bytes. Summed over the tokens of a text it is the text's length. */
export function charactersStarting(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if ((byte & 0xc0) !== 0x80) count++;
  return count;
}
