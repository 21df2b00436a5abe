// Which documents a data configuration means.
import type { DataConfig } from '../config/dataConfig';
import type { Corpus } from './corpus';

/** Text is drawn from two streams: Chinese, and all the rest (English and code). */
export type StreamName = 'chinese' | 'other';

/** The stream a document belongs to under `config`, or null if the configuration leaves it out. */
export function streamOf(corpus: Corpus, config: DataConfig, document: number): StreamName | null {
  const { domain, language } = corpus.info.sources[corpus.sourceOf[document]!]!;
  if (config.domains.length > 0 && !config.domains.includes(domain)) return null;
  const stream = language === 'zh' ? 'chinese' : 'other';
  const share = stream === 'chinese' ? config.chineseShare : 1 - config.chineseShare;
  return share > 0 ? stream : null;
}

/** Documents that the configuration draws from (`heldOut` 0) or validates on (1), in corpus order. */
export function selectedDocuments(corpus: Corpus, config: DataConfig, heldOut: 0 | 1): number[] {
  const documents: number[] = [];
  for (let document = 0; document < corpus.sourceOf.length; document++) {
    if (corpus.heldOut[document] === heldOut && streamOf(corpus, config, document)) documents.push(document);
  }
  return documents;
}
