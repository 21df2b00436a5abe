// The model that comes with the page: which snapshots there are, which one is looked at, and what it writes.
import { create } from 'zustand';
import type { ShelfManifest, ShelfSnapshot } from '../checkpoint/shelf';
import type { PromptTrace } from '../analysis/promptTrace';
import type { EngineError } from '../protocol/errors';
import { request } from './engine';

/** What a snapshot made of a prompt, and the way of every token of it. */
export interface ShelfWriting {
  readonly step: number;
  readonly prompt: string;
  readonly text: string;
  /** Of the text, an end token first. */
  readonly pieces: readonly string[];
  readonly trace: PromptTrace;
}

export type ShelfWork =
  | { readonly phase: 'idle' }
  | { readonly phase: 'writing'; readonly text: string }
  | { readonly phase: 'failed'; readonly error: EngineError };

export interface ShelfState {
  /** null until the engine has told; `missing` where this copy of the page comes without one. */
  readonly manifest: ShelfManifest | 'missing' | null;
  /** Index of the snapshot looked at. */
  readonly index: number;
  readonly prompt: string;
  readonly writing: ShelfWriting | null;
  readonly work: ShelfWork;
}

/** As long as a line that one reads at a glance. */
const TOKENS = 48;
const SEED = 1;
const TEMPERATURE = 0.8;

export const useShelf = create<ShelfState>(() => ({
  manifest: null,
  index: 0,
  prompt: '',
  writing: null,
  work: { phase: 'idle' },
}));

let asking: AbortController | null = null;

/** The snapshot that is looked at; null where there is none. */
export function shownSnapshot({ manifest, index }: ShelfState): ShelfSnapshot | null {
  return manifest && manifest !== 'missing' ? (manifest.snapshots[index] ?? null) : null;
}

/** Asks what there is, once; the last snapshot is looked at first. null where there is none. */
export async function loadShelf(): Promise<ShelfManifest | null> {
  const { manifest } = useShelf.getState();
  if (manifest !== null) return manifest === 'missing' ? null : manifest;
  const reply = await request({ kind: 'shelf' });
  if (reply.ok) useShelf.setState({ manifest: reply.value, index: reply.value.snapshots.length - 1 });
  else if (reply.error.code === 'model-unavailable') useShelf.setState({ manifest: 'missing' });
  return reply.ok ? reply.value : null;
}

/** Has the snapshot looked at write, once. @param prompt in the language of the page */
export async function openShelf(prompt: string): Promise<void> {
  if (!(await loadShelf())) return;
  const { writing, work } = useShelf.getState();
  if (!writing && work.phase === 'idle') await writeFromShelf(prompt);
}

/** Stops what it writes: the engine has something better to do. */
export function leaveShelf(): void {
  asking?.abort();
}

/** Looks at another snapshot, which writes on from the same prompt with the same seed. */
export async function lookAtSnapshot(index: number): Promise<void> {
  useShelf.setState({ index });
  await writeFromShelf(useShelf.getState().prompt);
}

/** Has the snapshot looked at go on with `prompt`. A request still under way gives way to it. */
export async function writeFromShelf(prompt: string): Promise<void> {
  const snapshot = shownSnapshot(useShelf.getState());
  if (!snapshot) return;
  asking?.abort();
  const controller = new AbortController();
  asking = controller;
  const { signal } = controller;
  useShelf.setState({ prompt, work: { phase: 'writing', text: prompt } });
  const model = { kind: 'shipped', step: snapshot.step } as const;
  const question = { model, text: prompt, continuation: [], interventions: [] };
  const sampling = { tokens: TOKENS, temperature: TEMPERATURE, topK: 0, topP: 1, repetitionPenalty: 1, seed: SEED };
  let soFar = prompt;
  const written = await request(
    { kind: 'generate', request: { ...question, ...sampling } },
    {
      signal,
      onProgress: ({ made }) => {
        soFar += made?.piece ?? '';
        if (asking === controller) useShelf.setState({ work: { phase: 'writing', text: soFar } });
      },
    },
  );
  const read = written.ok
    ? await request({ kind: 'trace', question: { ...question, continuation: written.value.ids }, lens: false }, { signal })
    : written;
  if (asking !== controller) return;
  asking = null;
  if (!written.ok || !read.ok) {
    const { error } = written.ok ? (read as { error: EngineError }) : written;
    useShelf.setState({ work: error.code === 'cancelled' ? { phase: 'idle' } : { phase: 'failed', error } });
    return;
  }
  const { prompt: tokens, baseline } = read.value;
  useShelf.setState({
    writing: { step: snapshot.step, prompt, text: written.value.text, pieces: tokens.pieces, trace: baseline },
    work: { phase: 'idle' },
  });
}
