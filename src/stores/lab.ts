// The prompt lab: what was typed, what was changed about the model, and what the engine says of both.
import { create } from 'zustand';
import type { FieldError } from '../config/fieldError';
import type { Intervention } from '../config/intervention';
import { decodeInterventions } from '../config/interventionLink';
import type { ModelConfig } from '../config/modelConfig';
import { err, ok, type Result } from '../core/result';
import { changed, redone, undoable, undone, type Undoable } from '../core/undo';
import type { EngineError } from '../protocol/errors';
import type { PromptQuestion, TraceAnswer } from '../protocol/lab';
import type { ModelRef } from '../protocol/modelRef';
import { chooseModel, useChosenModel } from './chosenModel';
import { request, useEngine } from './engine';
import { configOf } from './models';
import { loadShelf } from './shelf';

export type LabWork =
  { readonly phase: 'idle' } | { readonly phase: 'busy' } | { readonly phase: 'failed'; readonly error: EngineError };

export interface LabState {
  readonly text: string;
  /** Token ids after the text: a branch of what was written. */
  readonly continuation: readonly number[];
  readonly interventions: Undoable<readonly Intervention[]>;
  /** Changes of a link, until the model they are for is known. */
  readonly linked: string | null;
  readonly asked: LabWork;
  readonly answer: TraceAnswer | null;
  /** What that is an answer to. */
  readonly answered: PromptQuestion | null;
}

/** What is typed fast is asked about once. The pause that ends it is as long as the last answer took, so that a quick engine is not waited for. */
const PAUSE_MS = { least: 30, most: 120 };

export const useLab = create<LabState>(() => ({
  text: '',
  continuation: [],
  interventions: undoable<readonly Intervention[]>([]),
  linked: null,
  asked: { phase: 'idle' },
  answer: null,
  answered: null,
}));

let asking: AbortController | null = null;
let waiting: ReturnType<typeof setTimeout> | undefined;
/** How long the last answer took, ms. */
let took = PAUSE_MS.most;
let typedAt = -Infinity;
/** So long after a key the run is not followed: its questions would stand in the way of those about the next key. */
const TYPING_MS = 1000;

interface InHand {
  readonly ref: ModelRef;
  /** null where there is no such model: the engine will say so. */
  readonly config: ModelConfig | null;
}

/** The model questions go to. */
export async function modelInHand(): Promise<InHand> {
  const { model } = useChosenModel.getState();
  if (model && model.kind !== 'shipped') return { ref: model, config: configOf(model) };
  const live: InHand = { ref: { kind: 'live' }, config: configOf({ kind: 'live' }) };
  if (!model && live.config) return live;
  const manifest = await loadShelf();
  if (!manifest) return model ? { ref: model, config: null } : live;
  return { ref: model ?? { kind: 'shipped', step: manifest.snapshots.at(-1)!.step }, config: manifest.config.model };
}

/** The question as it stands. */
export async function labQuestion(): Promise<PromptQuestion> {
  const { ref } = await modelInHand();
  const { text, continuation, interventions } = useLab.getState();
  return { model: ref, text, continuation, interventions: interventions.present };
}

/**
 * Reads the changes a link brought, now that their model is known: once, and for the question about the prompt alone.
 * @param isWanted whether what is found wrong will be told: a question that gave way leaves them to the next
 */
async function readLinked(isWanted: () => boolean): Promise<Result<null, readonly FieldError[]>> {
  const { config } = await modelInHand();
  const { linked } = useLab.getState();
  if (linked === null || !config || !isWanted()) return ok(null);
  const read = decodeInterventions(linked, config);
  useLab.setState(read.ok ? { linked: null, interventions: undoable<readonly Intervention[]>(read.value) } : { linked: null });
  return read.ok ? ok(null) : read;
}

/** What a link says: asked as soon as there is a model. */
export function openLabLink(
  link: Pick<LabState, 'text' | 'continuation'> & { readonly model: ModelRef | null; readonly changes: string },
): void {
  const { text, continuation, model, changes } = link;
  useLab.setState({ text, continuation, linked: changes });
  chooseModel(model);
  if (useEngine.getState().engine.phase === 'ready') void askLab();
}

/** Asks anew. A question still under way gives way to this one. */
export async function askLab(): Promise<void> {
  clearTimeout(waiting);
  asking?.abort();
  const controller = new AbortController();
  asking = controller;
  useLab.setState({ asked: { phase: 'busy' } });
  const linked = await readLinked(() => asking === controller);
  if (asking !== controller) return;
  const question = await labQuestion();
  if (asking !== controller) return;
  const begun = performance.now();
  const reply = linked.ok
    ? await request({ kind: 'trace', question, lens: true }, { signal: controller.signal })
    : err<EngineError>({ code: 'invalid-question', fields: linked.error });
  if (asking !== controller) return;
  asking = null;
  if (reply.ok) took = performance.now() - begun;
  useLab.setState(
    reply.ok
      ? { answer: reply.value, answered: question, asked: { phase: 'idle' } }
      : { asked: reply.error.code === 'cancelled' ? { phase: 'idle' } : { phase: 'failed', error: reply.error } },
  );
}

/** Whether a key was pressed in the last `ms`. */
export const isTyping = (ms: number): boolean => performance.now() - typedAt < ms;

/** Asks again because the weights have moved on, unless an answer is under way or somebody is typing. */
export function followRun(): void {
  const { model } = useChosenModel.getState();
  if (!asking && !isTyping(TYPING_MS) && (model === null || model.kind === 'live')) void askLab();
}

function askSoon(): void {
  typedAt = performance.now();
  clearTimeout(waiting);
  waiting = setTimeout(() => void askLab(), Math.min(PAUSE_MS.most, Math.max(PAUSE_MS.least, took)));
}

export function setLabText(text: string): void {
  useLab.setState({ text, continuation: [] });
  askSoon();
}

/** Another model is looked at. What the one before answered stays until it has answered too, where both are moments of one run. */
export function askChosenModel(model: ModelRef | null): void {
  const before = useLab.getState().answer?.model;
  if (!(before && model && isOneRun(before, model))) useLab.setState({ answer: null, answered: null });
  void askLab();
}

function isOneRun(a: ModelRef, b: ModelRef): boolean {
  return a.kind === 'checkpoint' ? b.kind === 'checkpoint' && a.runId === b.runId : a.kind === 'shipped' && b.kind === 'shipped';
}

/** Lets tokens follow what is there already. */
export function continueWith(ids: readonly number[]): void {
  useLab.setState(({ continuation }) => ({ continuation: [...continuation, ...ids] }));
  void askLab();
}

/** Goes on from `id` in place of whatever came at `position`, counted from the end token at 0; false where that lies within the text typed. */
export function goOnFrom(position: number, id: number): boolean {
  const { answer, continuation } = useLab.getState();
  if (!answer) return false;
  const typed = answer.prompt.ids.length - continuation.length;
  if (position < typed) return false;
  useLab.setState({ continuation: [...continuation.slice(0, position - typed), id] });
  void askLab();
  return true;
}

/** Leaves the text as it was typed. */
export function dropContinuation(): void {
  useLab.setState({ continuation: [] });
  void askLab();
}

export function setInterventions(next: readonly Intervention[]): void {
  useLab.setState(({ interventions }) => ({ interventions: changed(interventions, next) }));
  void askLab();
}
export function undoIntervention(): void {
  useLab.setState(({ interventions }) => ({ interventions: undone(interventions) }));
  void askLab();
}
export function redoIntervention(): void {
  useLab.setState(({ interventions }) => ({ interventions: redone(interventions) }));
  void askLab();
}
