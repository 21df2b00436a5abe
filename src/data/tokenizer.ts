// Text to tokens and back, as the rest of the engine sees it.

export interface Tokenizer {
  /** V, the end token included. */
  readonly vocabSize: number;
  /** Id of the token between two documents. No text encodes to it, and it decodes to nothing. */
  readonly endOfDocument: number;
  /** Ids of `text`. A lone surrogate, which no UTF-8 can hold, counts as U+FFFD. */
  encode(text: string): Int32Array;
  /** Ids of any bytes, valid UTF-8 or not; `decodeBytes` gives exactly these bytes back. */
  encodeBytes(bytes: Uint8Array): Int32Array;
  /** Text of `ids`; bytes that are no character become U+FFFD. */
  decode(ids: ArrayLike<number>): string;
  decodeBytes(ids: ArrayLike<number>): Uint8Array;
  /** Bytes of one token; none for the end token. */
  bytes(id: number): Uint8Array;
  /** One token as legible text: bytes that are no whole character are shown as ⟨E4⟩⟨BD⟩. */
  piece(id: number): string;
}

export const END_OF_DOCUMENT = '<|endoftext|>';
