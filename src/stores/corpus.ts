// What text there is to learn from.
import { create } from 'zustand';
import type { CorpusInfo } from '../data/corpus';
import type { Progress } from '../protocol/commands';
import type { EngineError } from '../protocol/errors';
import { request } from './engine';

export type Corpus =
  | { readonly phase: 'none' }
  | { readonly phase: 'loading'; readonly progress: Progress | null }
  | { readonly phase: 'ready'; readonly info: CorpusInfo }
  | { readonly phase: 'failed'; readonly error: EngineError };

export const useCorpus = create<{ readonly corpus: Corpus }>(() => ({ corpus: { phase: 'none' } }));

/** Has the engine load its text. What the page knows of it from an earlier engine stays until the answer is there. */
export async function loadCorpus(): Promise<void> {
  const before = useCorpus.getState().corpus;
  const tell = (corpus: Corpus): void => {
    if (before.phase !== 'ready' || corpus.phase === 'failed') useCorpus.setState({ corpus });
  };
  tell({ phase: 'loading', progress: null });
  const reply = await request({ kind: 'corpus' }, { onProgress: (progress) => tell({ phase: 'loading', progress }) });
  if (reply.ok) tell({ phase: 'ready', info: reply.value });
  else if (reply.error.code === 'cancelled') tell({ phase: 'none' });
  else tell({ phase: 'failed', error: reply.error });
}
