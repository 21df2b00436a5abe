// Corpus and tokenizer, loaded once for all who ask. A failed or cancelled load is tried again the next time.
import { err, ok, type Result } from '../core/result';
import type { Corpus } from '../data/corpus';
import { createDefaultTokenizer, DEFAULT_TOKENIZER_SHA256 } from '../data/default/defaultTokenizer';
import { loadCorpus } from '../data/loadCorpus';
import type { Tokenizer } from '../data/tokenizer';
import type { RequestContext } from '../protocol/channel';
import type { EngineError } from '../protocol/errors';
import type { Platform } from './platform';

export interface Text {
  readonly corpus: Corpus;
  readonly tokenizer: Tokenizer;
}

type LoadResult = Result<Text, EngineError>;

interface Load {
  readonly done: Promise<LoadResult>;
  readonly controller: AbortController;
  /** Those who wait for it. */
  readonly waiting: Set<RequestContext>;
}

export class TextLoader {
  private readonly readAsset: Platform['readAsset'];
  private load: Load | null = null;
  private text: Text | null = null;

  constructor(readAsset: Platform['readAsset']) {
    this.readAsset = readAsset;
  }

  /** null until somebody's `get` has succeeded. */
  get loaded(): Text | null {
    return this.text;
  }

  /** The text. Who cancels is answered at once; the load itself stops when nobody waits for it any more. */
  async get(context: RequestContext): Promise<LoadResult> {
    if (this.text) return ok(this.text);
    this.load ??= this.begin();
    const { load } = this;
    const { signal } = context;
    load.waiting.add(context);
    let leave = (): void => undefined;
    const left = new Promise<LoadResult>((resolve) => {
      leave = () => {
        load.waiting.delete(context);
        if (load.waiting.size === 0) this.stop(load);
        resolve(err({ code: 'cancelled' }));
      };
    });
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
    return Promise.race([load.done, left]).finally(() => signal.removeEventListener('abort', leave));
  }

  private stop(load: Load): void {
    load.controller.abort();
    if (this.load === load) this.load = null;
  }

  private begin(): Load {
    const controller = new AbortController();
    const waiting = new Set<RequestContext>();
    const done = loadCorpus({
      readAsset: this.readAsset,
      tokenizerSha256: DEFAULT_TOKENIZER_SHA256,
      onProgress: (done, total) => {
        for (const { progress } of waiting) progress({ stage: 'loading-corpus', done, total });
      },
      signal: controller.signal,
    })
      .then((corpus): LoadResult => {
        if (!corpus.ok) return corpus;
        this.text = { corpus: corpus.value, tokenizer: createDefaultTokenizer() };
        return ok(this.text);
      })
      .finally(() => {
        if (this.load?.done === done) this.load = null;
      });
    return { done, controller, waiting };
  }
}
