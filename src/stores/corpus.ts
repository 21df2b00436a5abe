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

export async function loadCorpus(): Promise<void> {
  useCorpus.setState({ corpus: { phase: 'loading', progress: null } });
  const reply = await request(
    { kind: 'corpus' },
    { onProgress: (progress) => useCorpus.setState({ corpus: { phase: 'loading', progress } }) },
  );
  useCorpus.setState({ corpus: reply.ok ? { phase: 'ready', info: reply.value } : { phase: 'failed', error: reply.error } });
}
