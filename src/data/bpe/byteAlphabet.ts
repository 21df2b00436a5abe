// The byte-level alphabet of GPT-2 and Hugging Face: a visible character for each byte, so that a vocabulary of bytes is JSON text.

/** Bytes that stand for themselves: the printable ones of Latin-1. All others are numbered from U+0100 on, in order. */
const printable = (byte: number) => (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;

const CHARACTER_OF_BYTE: readonly string[] = (() => {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
})();

const BYTE_OF_CHARACTER: ReadonlyMap<string, number> = new Map(CHARACTER_OF_BYTE.map((character, byte) => [character, byte]));

export function bytesToAlphabet(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => CHARACTER_OF_BYTE[byte]!).join('');
}

/** Bytes of an alphabet string; null if it holds a character that stands for no byte. */
export function alphabetToBytes(text: string): Uint8Array | null {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const byte = BYTE_OF_CHARACTER.get(text[i]!);
    if (byte === undefined) return null;
    bytes[i] = byte;
  }
  return bytes;
}
