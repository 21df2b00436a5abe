// What the preparation steps hand to each other.
import type { Language } from '../../src/data/corpus';

export interface RawDocument {
  readonly text: string;
  /** Names the same text in another language: such documents always fall on the same side of the split. */
  readonly parallelKey: string | null;
}

/** Where a source's files lie: a folder of node_modules, or of the download cache. */
export interface SourceSpec {
  readonly id: string;
  readonly title: string;
  /** Package names; their versions are read from where they are installed or pinned. */
  readonly packages: readonly string[];
  readonly licence: string;
  readonly domain: string;
  readonly language: Language;
  readonly parallel: string | null;
  /** Documents in a fixed order, cleaned; null if what it reads is not there. */
  read(): RawDocument[] | null;
}

export interface SourceDocuments {
  readonly spec: SourceSpec;
  readonly documents: readonly RawDocument[];
}
