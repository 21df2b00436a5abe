// What the model writes on from the prompt of the lab, with the change and without, token by token.
import { create } from 'zustand';
import { WRITING, type WritingSettings } from '../config/labLink';
import { err } from '../core/result';
import type { EngineError } from '../protocol/errors';
import type { GeneratedToken, PromptQuestion } from '../protocol/lab';
import { useChosenModel } from './chosenModel';
import { request } from './engine';
import { continueWith, labQuestion, useLab, type LabWork } from './lab';

export interface Written {
  readonly tokens: readonly GeneratedToken[];
  /** Prompt and what was written; null until it is whole. */
  readonly text: string | null;
}

export type Version = 'baseline' | 'changed';

export interface WritingState {
  readonly settings: WritingSettings;
  readonly work: LabWork;
  readonly baseline: Written | null;
  /** null without interventions. */
  readonly changed: Written | null;
}

export const useWriting = create<WritingState>(() => ({
  settings: WRITING,
  work: { phase: 'idle' },
  baseline: null,
  changed: null,
}));

let writing: AbortController | null = null;

// What was written belongs to its prompt, its changes and its model.
useChosenModel.subscribe(forgetWritten);
useLab.subscribe((now, before) => {
  const isSame =
    now.text === before.text &&
    now.continuation === before.continuation &&
    now.interventions.present === before.interventions.present;
  if (!isSame) forgetWritten();
});

function forgetWritten(): void {
  writing?.abort();
  writing = null;
  useWriting.setState({ work: { phase: 'idle' }, baseline: null, changed: null });
}

export function setWriting(settings: WritingSettings): void {
  useWriting.setState({ settings });
}

/** Has the model write on, with the same seed without and with the change. */
export async function writeOn(): Promise<void> {
  writing?.abort();
  const controller = new AbortController();
  writing = controller;
  useWriting.setState({ work: { phase: 'busy' }, baseline: { tokens: [], text: null }, changed: null });
  const question = await labQuestion();
  if (writing !== controller) return;
  const isWhole = await writeOne('baseline', { ...question, interventions: [] }, controller);
  if (isWhole && question.interventions.length > 0) await writeOne('changed', question, controller);
  if (writing !== controller) return;
  writing = null;
  useWriting.setState(({ work }) => (work.phase === 'busy' ? { work: { phase: 'idle' } } : {}));
}

/** @returns whether it came to its end */
async function writeOne(version: Version, question: PromptQuestion, controller: AbortController): Promise<boolean> {
  let tokens: readonly GeneratedToken[] = [];
  const { settings } = useWriting.getState();
  const reply = controller.signal.aborted
    ? err<EngineError>({ code: 'cancelled' })
    : await request(
        { kind: 'generate', request: { ...question, ...settings } },
        {
          signal: controller.signal,
          onProgress: ({ made }) => {
            if (!made || writing !== controller) return;
            tokens = [...tokens, made];
            useWriting.setState({ [version]: { tokens, text: null } });
          },
        },
      );
  if (writing !== controller) return false;
  if (!reply.ok) {
    fail(reply.error);
    return false;
  }
  useWriting.setState({ [version]: { tokens, text: reply.value.text } });
  return true;
}

function fail(error: EngineError): void {
  useWriting.setState({ work: error.code === 'cancelled' ? { phase: 'idle' } : { phase: 'failed', error } });
}

/** Stops writing; what is there stays. */
export function stopWriting(): void {
  writing?.abort();
}

/** Takes what was written before token `index`, then `id`, into the prompt, and writes on from there. */
export async function branchAt(version: Version, index: number, id: number): Promise<void> {
  const written = useWriting.getState()[version];
  if (!written) return;
  continueWith([...written.tokens.slice(0, index).map((token) => token.id), id]);
  await writeOn();
}

/** Takes all that was written into the prompt, to be looked at as the prompt is. */
export function readWritten(version: Version): void {
  const written = useWriting.getState()[version];
  if (written && written.tokens.length > 0) continueWith(written.tokens.map((token) => token.id));
}
