// Brings the prepared corpus into memory and makes sure it is whole and made for this tokenizer.
import { err, ok, type Result } from '../core/result';
import { hashedBytes, MANIFEST_PATH, TOKENS_PATH, type Corpus, type CorpusManifest } from './corpus';

export interface CorpusError {
  readonly code: 'corpus-missing' | 'corpus-damaged' | 'cancelled';
  readonly detail: string;
}

export interface CorpusSources {
  /** Reads an asset by its path under the public folder; rejects if it is not there, or once the signal aborts. */
  readonly readAsset: (path: string, signal?: AbortSignal) => Promise<Uint8Array>;
  /** Hash of the tokenizer in use; a corpus made with another one is refused. */
  readonly tokenizerSha256: string;
  /** Bytes done of bytes in all; total 0 while unknown. */
  readonly onProgress: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Loads corpus/manifest.json and corpus/tokens.bin. The hash is verified where Web Crypto exists (not on insecure origins); counts and
 * ids always are, so that what comes back can be indexed blindly.
 */
export async function loadCorpus({
  readAsset,
  tokenizerSha256,
  onProgress,
  signal,
}: CorpusSources): Promise<Result<Corpus, CorpusError>> {
  const cancelled = err<CorpusError>({ code: 'cancelled', detail: TOKENS_PATH });
  if (signal?.aborted) return cancelled;
  let arrived = 0;
  const files = await Promise.allSettled(
    [MANIFEST_PATH, TOKENS_PATH].map(async (path) => {
      const file = await readAsset(path, signal);
      onProgress((arrived += file.length), 0);
      return file;
    }),
  );
  if (signal?.aborted) return cancelled;
  const [manifestRead, tokensRead] = files as [PromiseSettledResult<Uint8Array>, PromiseSettledResult<Uint8Array>];
  if (manifestRead.status === 'rejected') return missing(MANIFEST_PATH, manifestRead.reason);
  if (tokensRead.status === 'rejected') return missing(TOKENS_PATH, tokensRead.reason);
  const manifestFile = manifestRead.value;
  const tokenFile = tokensRead.value;
  let manifest: CorpusManifest;
  try {
    manifest = JSON.parse(new TextDecoder().decode(manifestFile)) as CorpusManifest;
  } catch {
    // A server that answers every path with a page gives HTML here.
    return err({ code: 'corpus-missing', detail: `${MANIFEST_PATH} is not JSON` });
  }
  const fault = await findFault(manifest, tokenFile, tokenizerSha256);
  if (fault) return err({ code: 'corpus-damaged', detail: fault });
  if (signal?.aborted) return cancelled;
  return ok(toCorpus(manifest, tokenFile));
}

function missing(path: string, reason: unknown): Result<never, CorpusError> {
  return err({ code: 'corpus-missing', detail: `${path}: ${reason instanceof Error ? reason.message : String(reason)}` });
}

async function findFault(manifest: CorpusManifest, tokenFile: Uint8Array, tokenizerSha256: string): Promise<string | null> {
  const { format, info, documents } = manifest;
  if (format !== 1) return `${MANIFEST_PATH} has the format ${String(format)}, not 1`;
  const columns = [documents?.source, documents?.tokens, documents?.bytes, documents?.characters];
  const count = documents?.source?.length ?? 0;
  if (
    !info?.sources ||
    columns.some((column) => !Array.isArray(column) || column.length !== count) ||
    !Array.isArray(documents.validation)
  )
    return `${MANIFEST_PATH} has columns of different lengths`;
  if (documents.source.some((source) => !info.sources[source])) return 'a document names a source that is not there';
  if (info.tokenizerSha256 !== tokenizerSha256) return 'it was made with another tokenizer';
  if (documents.tokens.reduce((sum, tokens) => sum + tokens, 0) * 2 !== tokenFile.length)
    return `${TOKENS_PATH} has not the length its documents add up to`;
  for (let at = 1; at < tokenFile.length; at += 2)
    if (tokenFile[at - 1]! + 256 * tokenFile[at]! >= info.vocabSize) return `${TOKENS_PATH} holds an id outside the vocabulary`;
  const subtle = (globalThis as { crypto?: Crypto }).crypto?.subtle;
  if (subtle) {
    const digest = new Uint8Array(await subtle.digest('SHA-256', hashedBytes(tokenFile, documents)));
    const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
    if (found !== info.sha256) return `its hash is ${found}, not ${info.sha256}`;
  }
  return null;
}

/** The corpus of a manifest that was found right. Takes the file's bytes as they lie, as every machine that runs a browser does. */
export function toCorpus({ info, documents }: CorpusManifest, tokenFile: Uint8Array): Corpus {
  const tokens = new Uint16Array(tokenFile.slice().buffer);
  const starts = new Int32Array(documents.tokens.length + 1);
  documents.tokens.forEach((count, document) => (starts[document + 1] = starts[document]! + count));
  const heldOut = new Uint8Array(documents.source.length);
  for (const document of documents.validation) heldOut[document] = 1;
  return {
    info,
    tokens,
    starts,
    sourceOf: Uint16Array.from(documents.source),
    heldOut,
    bytes: Int32Array.from(documents.bytes),
    characters: Int32Array.from(documents.characters),
  };
}
