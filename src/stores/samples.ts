// What the model writes every so often, and the prompt it continues.
import { create } from 'zustand';
import type { SampleResult } from '../protocol/events';
import type { EngineError } from '../protocol/errors';
import { request } from './engine';

export type SampleRequestState =
  { readonly phase: 'idle' } | { readonly phase: 'writing' } | { readonly phase: 'failed'; readonly error: EngineError };

export interface SamplesState {
  /** Oldest first; the last KEPT. */
  readonly results: readonly SampleResult[];
  /** What the person typed; null leaves the engine its own. */
  readonly prompt: string | null;
  readonly asked: SampleRequestState;
}

const KEPT = 40;

export const useSamples = create<SamplesState>(() => ({ results: [], prompt: null, asked: { phase: 'idle' } }));

export function receiveSamples(results: readonly SampleResult[]): void {
  useSamples.setState((state) => ({ results: [...state.results, ...results].slice(-KEPT) }));
}

/** The sample that is asked for, of the run at hand. */
let writing: object | null = null;

export function clearSamples(): void {
  writing = null;
  useSamples.setState({ results: [], asked: { phase: 'idle' } });
}

/** The prompt of all samples from now on. */
export function setSamplePrompt(prompt: string): void {
  useSamples.setState({ prompt });
  void request({ kind: 'samplePrompt', prompt });
}

/** Tells a new engine, or a new run, the prompt the person chose. */
export async function repeatSamplePrompt(): Promise<void> {
  const { prompt } = useSamples.getState();
  if (prompt !== null) await request({ kind: 'samplePrompt', prompt });
}

/** Asks for one sample now, of the live model; `step` labels it. */
export async function sampleNow(prompt: string, tokens: number, seed: number, step: number): Promise<void> {
  const mine = {};
  writing = mine;
  useSamples.setState({ asked: { phase: 'writing' } });
  const reply = await request({ kind: 'sample', request: { model: { kind: 'live' }, prompt, tokens, temperature: 0.8, seed } });
  // Its run is gone.
  if (writing !== mine) return;
  if (reply.ok) {
    receiveSamples([{ step, prompt, text: reply.value.text }]);
    useSamples.setState({ asked: { phase: 'idle' } });
  } else useSamples.setState({ asked: { phase: 'failed', error: reply.error } });
}
