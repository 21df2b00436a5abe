// The kept moment that the Train view shows: what it makes of held-out text, what it writes, and the way of every token of that.
import { create } from 'zustand';
import type { PromptTrace } from '../analysis/promptTrace';
import { ok, type Result } from '../core/result';
import type { Replies } from '../protocol/commands';
import type { EngineError } from '../protocol/errors';
import type { KeptModel } from '../protocol/modelRef';
import { request } from './engine';

/** What a moment made of a prompt. */
export interface MomentWriting {
  readonly step: number;
  readonly prompt: string;
  readonly text: string;
  /** The way of each of its tokens, an end token first; null where the text is longer than the model's context. */
  readonly read: { readonly pieces: readonly string[]; readonly trace: PromptTrace } | null;
}

export interface MomentState {
  /** What is shown, or will be as soon as it has been read; null: no moment. */
  readonly model: KeptModel | null;
  /** What the person typed; null: nothing yet. */
  readonly prompt: string | null;
  /** How often the person has asked for it: once more asks again for what failed. */
  readonly asks: number;
  /** Of this moment, or still of the one before. */
  readonly measured: Replies['measureModel'] | null;
  readonly writing: MomentWriting | null;
  /** What has been written so far; null while nothing is being written. */
  readonly soFar: string | null;
  readonly work: { readonly phase: 'idle' | 'busy' } | { readonly phase: 'failed'; readonly error: EngineError };
}

export interface MomentQuestion {
  readonly prompt: string;
  readonly tokens: number;
  readonly seed: number;
  /** Also reads held-out text. */
  readonly isMeasured: boolean;
}

const TEMPERATURE = 0.8;
const IDLE = { phase: 'idle' } as const;
const NOTHING = { model: null, measured: null, writing: null, soFar: null, work: IDLE } as const;

export const useMoment = create<MomentState>(() => ({ ...NOTHING, prompt: null, asks: 0 }));

let asking: AbortController | null = null;

/** Stops what is asked of a moment: the engine has something better to do. What is known of it stays. */
export function leaveMoment(): void {
  asking?.abort();
  asking = null;
  useMoment.setState({ soFar: null, work: IDLE });
}

/** A new run is made: its moments are others. */
export function clearMoment(): void {
  leaveMoment();
  useMoment.setState(NOTHING);
}

export function setMomentPrompt(prompt: string): void {
  useMoment.setState(({ asks }) => ({ prompt, asks: asks + 1 }));
}

/** Shows a moment: what is not known of it is asked for. A moment that was still being asked gives way. */
export async function showMoment(model: KeptModel, question: MomentQuestion): Promise<void> {
  asking?.abort();
  const controller = new AbortController();
  asking = controller;
  const stays = useMoment.getState().model?.kind === model.kind ? {} : NOTHING;
  useMoment.setState({ ...stays, model, soFar: null, work: { phase: 'busy' } });
  // Moments of one kind are of one run: their step tells them apart.
  const { measured, writing } = useMoment.getState();
  const measures = question.isMeasured && measured?.result.step !== model.step;
  const writes = writing?.step !== model.step || writing.prompt !== question.prompt;
  const read = measures ? await measure(model, controller) : ok(null);
  const told = read.ok && writes && asking === controller ? await write(model, question, controller) : read;
  if (asking !== controller) return;
  asking = null;
  const work = told.ok || told.error.code === 'cancelled' ? IDLE : ({ phase: 'failed', error: told.error } as const);
  useMoment.setState({ soFar: null, work });
}

async function measure(model: KeptModel, controller: AbortController): Promise<Result<null, EngineError>> {
  const reply = await request({ kind: 'measureModel', model }, { signal: controller.signal });
  if (!reply.ok) return reply;
  if (asking === controller) useMoment.setState({ measured: reply.value });
  return ok(null);
}

/** Has it go on with the prompt, and reads what came of it: the same each time. */
async function write(
  model: KeptModel,
  { prompt, tokens, seed }: MomentQuestion,
  controller: AbortController,
): Promise<Result<null, EngineError>> {
  const { signal } = controller;
  const question = { model, text: prompt, continuation: [], interventions: [] };
  const sampling = { tokens, temperature: TEMPERATURE, topK: 0, topP: 1, repetitionPenalty: 1, seed };
  let soFar = prompt;
  const tell = (piece: string): void => {
    soFar += piece;
    if (asking === controller) useMoment.setState({ soFar });
  };
  tell('');
  const written = await request(
    { kind: 'generate', request: { ...question, ...sampling } },
    { signal, onProgress: ({ made }) => tell(made?.piece ?? '') },
  );
  if (!written.ok) return written;
  const { ids, text, step } = written.value;
  const read = await request({ kind: 'trace', question: { ...question, continuation: ids }, lens: false }, { signal });
  if (!read.ok && read.error.code !== 'invalid-question') return read;
  const way = read.ok ? { pieces: read.value.prompt.pieces, trace: read.value.baseline } : null;
  if (asking === controller) useMoment.setState({ writing: { step, prompt, text, read: way } });
  return ok(null);
}
