// The prepared corpus as the engine reads it: documents with their labels, made at build time from packages.

export type Language = 'zh' | 'en' | 'none';

export interface Source {
  readonly id: string;
  readonly title: string;
  /** Package and version it came from, e.g. 'npm how-to-cook@1.6.0'. */
  readonly origin: string;
  readonly licence: string;
  readonly domain: string;
  readonly language: Language;
  readonly documents: number;
  readonly bytes: number;
  /** Tokens, an end token after each document included. */
  readonly tokens: number;
  /** Name of the set of parallel texts it belongs to, or null. */
  readonly parallel: string | null;
}

export interface CorpusInfo {
  /** `full` has the downloaded sources too; `small` only what the dependencies bring. */
  readonly variant: 'full' | 'small';
  /** Of the token file followed by the document columns as JSON. */
  readonly sha256: string;
  readonly tokenizerSha256: string;
  readonly vocabSize: number;
  readonly domains: readonly string[];
  readonly sources: readonly Source[];
  readonly bytes: { readonly zh: number; readonly en: number; readonly none: number };
  readonly tokens: { readonly zh: number; readonly en: number; readonly none: number };
  /** Documents held out for validation. */
  readonly validationDocuments: number;
  readonly trainingDocuments: number;
}

/** One entry a document, in the order of the token file. */
export interface DocumentColumns {
  /** Index into `CorpusInfo.sources`. */
  readonly source: readonly number[];
  /** Tokens, the end token included. */
  readonly tokens: readonly number[];
  /** UTF-8 bytes and characters (code points) of the text. */
  readonly bytes: readonly number[];
  readonly characters: readonly number[];
  /** Indices of the documents held out for validation, ascending. */
  readonly validation: readonly number[];
}

/** What stands in corpus/manifest.json; corpus/tokens.bin beside it holds all token ids as little-endian uint16. */
export interface CorpusManifest {
  readonly format: 1;
  readonly info: CorpusInfo;
  readonly documents: DocumentColumns;
}

export const MANIFEST_PATH = 'corpus/manifest.json';
export const TOKENS_PATH = 'corpus/tokens.bin';

/** The bytes whose SHA-256 names a corpus. */
export function hashedBytes(tokenFile: Uint8Array, documents: DocumentColumns): Uint8Array<ArrayBuffer> {
  const { source, tokens, bytes, characters, validation } = documents;
  const columns = new TextEncoder().encode(JSON.stringify({ source, tokens, bytes, characters, validation }));
  const joined = new Uint8Array(tokenFile.length + columns.length);
  joined.set(tokenFile);
  joined.set(columns, tokenFile.length);
  return joined;
}

/** A corpus in memory. */
export interface Corpus {
  readonly info: CorpusInfo;
  /** All documents in order, an end token after each. */
  readonly tokens: Uint16Array;
  /** Where document d begins in `tokens`; one entry more than documents. */
  readonly starts: Int32Array;
  readonly sourceOf: Uint16Array;
  /** 1 where the document is held out. */
  readonly heldOut: Uint8Array;
  readonly bytes: Int32Array;
  readonly characters: Int32Array;
}
