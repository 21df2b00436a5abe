// Where the heads of one layer look, for the prompt of the lab.
import { create } from 'zustand';
import type { TraceAnswer } from '../protocol/lab';
import { request } from './engine';
import { isTyping, useLab, type LabWork } from './lab';
import { modelKey } from './models';

export interface AttentionMaps {
  /** What was read. */
  readonly of: TraceAnswer;
  /** One of all layers, dense ones counted. */
  readonly layer: number;
  readonly heads: number; // H
  readonly tokens: number; // T
  /** How much token t looks at each token, [H, T, T]. */
  readonly maps: Float32Array;
}

export interface AttentionState {
  /** A dense layer looked into, before those that route; null: the layer of everything else. */
  readonly dense: number | null;
  readonly head: number;
  readonly work: LabWork;
  readonly maps: AttentionMaps | null;
}

export const useAttention = create<AttentionState>(() => ({ dense: null, head: 0, work: { phase: 'idle' }, maps: null }));

let asking: AbortController | null = null;
let wanted: { readonly answer: TraceAnswer; readonly layer: number } | null = null;
let later: ReturnType<typeof setTimeout> | undefined;
/** While keys are pressed the prompt's own questions go first. */
const TYPING_MS = 300;

/** Asks for one layer of what `answer` was about, once nobody types. A question still under way gives way. */
export function askAttention(answer: TraceAnswer, layer: number): void {
  wanted = { answer, layer };
  askWanted();
}

function askWanted(): void {
  clearTimeout(later);
  if (!wanted) return;
  if (isTyping(TYPING_MS)) later = setTimeout(askWanted, TYPING_MS / 2);
  else void ask(wanted.answer, wanted.layer);
}

async function ask(answer: TraceAnswer, layer: number): Promise<void> {
  wanted = null;
  asking?.abort();
  const { answer: newest, answered: question } = useLab.getState();
  // About something else by now: its maps are asked for with it.
  if (!newest || !question || !areAlike(newest, answer)) return giveWay();
  const controller = new AbortController();
  asking = controller;
  useAttention.setState({ work: { phase: 'busy' } });
  const reply = await request({ kind: 'attention', question, layer }, { signal: controller.signal });
  if (asking !== controller) return;
  asking = null;
  if (!reply.ok)
    useAttention.setState({
      work: reply.error.code === 'cancelled' ? { phase: 'idle' } : { phase: 'failed', error: reply.error },
    });
  else useAttention.setState({ work: { phase: 'idle' }, maps: { of: answer, layer, ...reply.value } });
}

function giveWay(): void {
  asking = null;
  useAttention.setState({ work: { phase: 'idle' } });
}

/** Nobody looks any more: the engine has something better to do. What is known stays. */
export function leaveAttention(): void {
  clearTimeout(later);
  wanted = null;
  asking?.abort();
  giveWay();
}

export const lookAtHead = (head: number): void => useAttention.setState({ head });
export const lookAtDense = (dense: number | null): void => useAttention.setState({ dense });

/** The maps, as far as they are of the model and the prompt in `answer`; those of weights a step ago count. */
export function mapsFor(maps: AttentionMaps | null, answer: TraceAnswer): AttentionMaps | null {
  return maps && areAlike(maps.of, answer) ? maps : null;
}

function areAlike(one: TraceAnswer, other: TraceAnswer): boolean {
  const [ids, others] = [one.prompt.ids, other.prompt.ids];
  return (
    modelKey(one.model) === modelKey(other.model) && ids.length === others.length && ids.every((id, at) => id === others[at])
  );
}
