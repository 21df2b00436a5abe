// CRC-32 as in zip and PNG: finds bytes that a crash or a bad disk changed. It protects against accidents, not against people.

/** Bytes taken at once: a run's state has tens of megabytes, and one byte at a time would hold training up. */
const LANES = 8;

/**
 * Remainder of each byte (reflected polynomial 0xEDB88320), and of each byte followed by 1 … 7 zero bytes, row by row of 256. What eight
 * bytes leave is then the sum of what each leaves alone.
 */
const TABLE = new Int32Array(LANES * 256);
for (let byte = 0; byte < 256; byte++) {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  TABLE[byte] = remainder;
}
for (let at = 256; at < TABLE.length; at++) {
  const before = TABLE[at - 256]!;
  TABLE[at] = (before >>> 8) ^ TABLE[before & 0xff]!;
}

/** CRC-32 (ISO-HDLC) of `bytes`, in [0, 2³²). */
export function crc32(bytes: Uint8Array): number {
  let remainder = -1;
  let at = 0;
  for (const end = bytes.length - (bytes.length % LANES); at < end; at += LANES) {
    const low = remainder ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    remainder =
      TABLE[1792 + (low & 0xff)]! ^
      TABLE[1536 + ((low >>> 8) & 0xff)]! ^
      TABLE[1280 + ((low >>> 16) & 0xff)]! ^
      TABLE[1024 + (low >>> 24)]! ^
      TABLE[768 + bytes[at + 4]!]! ^
      TABLE[512 + bytes[at + 5]!]! ^
      TABLE[256 + bytes[at + 6]!]! ^
      TABLE[bytes[at + 7]!]!;
  }
  for (; at < bytes.length; at++) remainder = TABLE[(remainder ^ bytes[at]!) & 0xff]! ^ (remainder >>> 8);
  return ~remainder >>> 0;
}
