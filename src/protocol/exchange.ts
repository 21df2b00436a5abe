// Models that leave and come as the files Hugging Face's tools read.
import type { ExportOptions } from '../checkpoint/exchange/exportFolder';
import type { StoredType } from '../checkpoint/safetensorsHeader';
import type { ModelConfig } from '../config/modelConfig';
import type { ModelSize } from '../analysis/modelSize';
import type { ModelRef } from './modelRef';

export interface ExportRequest extends ExportOptions {
  readonly model: ModelRef;
  /** All files in one. */
  readonly asZip: boolean;
}

export interface NamedFile {
  readonly name: string;
  readonly file: Blob;
}

export interface ExportAnswer {
  /** Steps the weights were trained. */
  readonly step: number;
  readonly files: readonly NamedFile[];
  /** Values that are no finite numbers, written as they are. */
  readonly nonFinite: number;
}

/** What of tokenizer.json can be read here: `same` as the corpus has; `own`; `none` came along; `unreadable`. */
export type ImportedTokenizer =
  | { readonly kind: 'same' | 'own' | 'none' }
  /** detail: in English, for a log. */
  | { readonly kind: 'unreadable'; readonly detail: string };

/** A model that was taken in; `{kind: 'imported', id}` names it. */
export interface ImportedModel {
  readonly id: string;
  readonly config: ModelConfig;
  readonly size: ModelSize;
  /** Types of its weights in the files. */
  readonly storedAs: readonly StoredType[];
  readonly tensors: number;
  readonly shards: number;
  readonly bytes: number;
  /** The first tensors with values that are no finite numbers. */
  readonly nonFinite: readonly { readonly name: string; readonly count: number }[];
  readonly tokenizer: ImportedTokenizer;
}
