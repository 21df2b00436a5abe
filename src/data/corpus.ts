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
  /** Name of the set of parallel texts it belongs to, or null. */
  readonly parallel: string | null;
}

export interface CorpusInfo {
  /** `full` has the downloaded sources too; `small` only what the dependencies bring. */
  readonly variant: 'full' | 'small';
  readonly sha256: string;
  readonly tokenizerSha256: string;
  readonly vocabSize: number;
  readonly domains: readonly string[];
  readonly sources: readonly Source[];
  readonly bytes: { readonly zh: number; readonly en: number; readonly none: number };
  /** Documents held out for validation. */
  readonly validationDocuments: number;
  readonly trainingDocuments: number;
}
