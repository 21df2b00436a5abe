// A sweep over changed models: under way, done, or failed. One at a time.
import { create } from 'zustand';
import type { EngineError } from '../protocol/errors';
import type { SweepAnswer, SweepRequest, SweepText } from '../protocol/lab';
import type { ModelRef } from '../protocol/modelRef';
import { request } from './engine';
import { modelInHand } from './lab';
import { textsOf, type TextChoice } from './textChoice';

export type SweepKind = SweepRequest['sweep'];

/** Held-out text, or a part of it. */
export interface HeldOutPart {
  readonly kind: 'heldOut';
  /** None: all of them. */
  readonly domains: readonly string[];
  readonly language: 'all' | 'zh' | 'en' | 'none';
}

/** What a sweep measures on. */
export type SweepPart = HeldOutPart | TextChoice;

export type SweepWork =
  | { readonly phase: 'idle' }
  | { readonly phase: 'running'; readonly share: number; readonly leftMs: number | null }
  | { readonly phase: 'failed'; readonly error: EngineError };

export interface SweepState {
  readonly work: SweepWork;
  /** The last sweep that came to its end; it says of which model and step it is, whatever is looked at since. */
  readonly answer: SweepAnswer | null;
  /** What that one was measured on. */
  readonly part: SweepPart;
}

export const useSweep = create<SweepState>(() => ({
  work: { phase: 'idle' },
  answer: null,
  part: { kind: 'heldOut', domains: [], language: 'all' },
}));

/** Shares of the experts kept on the curve of the busiest. */
const SHARES = [0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1];
const MODES = ['zero', 'reroute', 'swap'] as const;

let running: AbortController | null = null;
/** What is being measured; null while that is not known yet. */
let runningOn: ModelRef | null = null;

function textOf(part: SweepPart, tokens: number): SweepText {
  if (part.kind !== 'heldOut') return { texts: textsOf(part) };
  return { domains: part.domains, language: part.language === 'all' ? null : part.language, tokens };
}

/** Measures the model in hand; a sweep under way is given up. @param tokens of held-out text at most @param now milliseconds that only grow */
export async function sweep(
  kind: SweepKind,
  part: SweepPart,
  tokens: number,
  now: () => number = () => performance.now(),
): Promise<void> {
  running?.abort();
  const controller = new AbortController();
  running = controller;
  runningOn = null;
  const startedAt = now();
  useSweep.setState({ work: { phase: 'running', share: 0, leftMs: null } });
  const { ref: model } = await modelInHand();
  if (running !== controller) return;
  runningOn = model;
  const text = textOf(part, tokens);
  const reply = await request(
    {
      kind: 'sweep',
      request:
        kind === 'experts'
          ? { model, text, sweep: kind, modes: MODES, seed: 1 }
          : kind === 'busiest'
            ? { model, text, sweep: kind, shares: SHARES }
            : { model, text, sweep: kind },
    },
    {
      signal: controller.signal,
      onProgress: ({ done, total }) => {
        const leftMs = (now() - startedAt) * (total / done - 1);
        if (running === controller) useSweep.setState({ work: { phase: 'running', share: done / total, leftMs } });
      },
    },
  );
  if (running !== controller) return;
  running = null;
  if (reply.ok) useSweep.setState({ answer: reply.value, part, work: { phase: 'idle' } });
  else
    useSweep.setState({ work: reply.error.code === 'cancelled' ? { phase: 'idle' } : { phase: 'failed', error: reply.error } });
}

export function cancelSweep(): void {
  running?.abort();
}

/** A new run is made, or one stands at an earlier step again: what was measured of the run is of another one now. */
export function forgetSweep(): void {
  const isLasting = (model: ModelRef | null | undefined): boolean => model?.kind === 'shipped' || model?.kind === 'imported';
  if (running && !isLasting(runningOn)) {
    running.abort();
    running = null;
  }
  useSweep.setState(({ answer, work }) => ({
    answer: isLasting(answer?.model) ? answer : null,
    work: running ? work : { phase: 'idle' },
  }));
}
