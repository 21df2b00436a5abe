// The kept moments of the run, and the one that is looked at: what it makes of held-out text, and what it writes.
import { create } from 'zustand';
import type { EngineError } from '../protocol/errors';
import type { ValidationResult } from '../protocol/events';
import type { ModelRef } from '../protocol/modelRef';
import type { RunSnapshots, StorageRoom } from '../protocol/snapshots';
import { request } from './engine';
import { usePreferences } from './preferences';
import { runInfo, useRun } from './run';
import { useSamples } from './samples';

export type MomentRef = Extract<ModelRef, { kind: 'checkpoint' }>;

export interface TimelineState {
  /** null before the engine has told. */
  readonly snapshots: RunSnapshots | null;
  /** The moment looked at; null: the run as it is now. */
  readonly moment: MomentRef | null;
  readonly measured: ValidationResult | null;
  readonly written: string | null;
  readonly work: { readonly phase: 'idle' | 'busy' } | { readonly phase: 'failed'; readonly error: EngineError };
  /** A moment that is being kept because somebody asked, or why it could not be. */
  readonly taking: { readonly phase: 'idle' | 'busy' } | { readonly phase: 'failed'; readonly error: EngineError };
  readonly room: StorageRoom | null;
}

const NOTHING = { moment: null, measured: null, written: null, work: { phase: 'idle' } } as const;

export const useTimeline = create<TimelineState>(() => ({
  snapshots: null,
  ...NOTHING,
  taking: { phase: 'idle' },
  room: null,
}));

let asking: AbortController | null = null;

export function receiveSnapshots(snapshots: RunSnapshots): void {
  useTimeline.setState({ snapshots });
}

/** A new run is made: nothing of the one before is looked at any more. */
export function clearTimeline(): void {
  asking?.abort();
  useTimeline.setState({ ...NOTHING, taking: { phase: 'idle' } });
}

/** Steps of the moments kept of the run, the earliest first; one that can be gone on from is whole. */
export function momentSteps({
  snapshots,
}: Pick<TimelineState, 'snapshots'>): { readonly step: number; readonly isWhole: boolean }[] {
  if (!snapshots) return [];
  const moments = new Map<number, boolean>(snapshots.isFromSeed ? [[0, true]] : []);
  for (const { step, kind } of snapshots.rungs) moments.set(step, (moments.get(step) ?? false) || kind === 'checkpoint');
  return [...moments].map(([step, isWhole]) => ({ step, isWhole }));
}

/** Looks at a kept moment of the run: it is measured on held-out text and writes on. null: back to now. */
export async function lookAtMoment(moment: MomentRef | null): Promise<void> {
  asking?.abort();
  if (!moment) return useTimeline.setState(NOTHING);
  const controller = new AbortController();
  asking = controller;
  useTimeline.setState({ ...NOTHING, moment, work: { phase: 'busy' } });
  const { signal } = controller;
  const measured = await request({ kind: 'measureModel', model: moment }, { signal });
  if (asking !== controller) return;
  if (measured.ok) useTimeline.setState({ measured: measured.value.result });
  const written = measured.ok ? await write(moment, controller) : measured;
  if (asking !== controller) return;
  asking = null;
  useTimeline.setState({ work: written.ok ? { phase: 'idle' } : { phase: 'failed', error: written.error } });
}

/** What the moment writes after the prompt of the samples, with the seed of the run: the same each time. */
function write(moment: MomentRef, controller: AbortController) {
  const { prompt, results } = useSamples.getState();
  const train = runInfo(useRun.getState().run)?.config.train;
  const text = prompt ?? results.at(-1)?.prompt ?? '';
  const question = { model: moment, text, continuation: [], interventions: [] };
  const sampling = { temperature: 0.8, topK: 0, topP: 1, repetitionPenalty: 1, seed: train?.seed ?? 1 };
  let soFar = text;
  return request(
    { kind: 'generate', request: { ...question, ...sampling, tokens: train?.sampleTokens ?? 40 } },
    {
      signal: controller.signal,
      onProgress: ({ made }) => {
        soFar += made?.piece ?? '';
        if (asking === controller) useTimeline.setState({ written: soFar });
      },
    },
  );
}

/** Keeps the moment at hand, to look at and to go on from. */
export async function takeSnapshot(): Promise<void> {
  useTimeline.setState({ taking: { phase: 'busy' } });
  const reply = await request({ kind: 'takeSnapshot' });
  useTimeline.setState({ taking: reply.ok ? { phase: 'idle' } : { phase: 'failed', error: reply.error } });
  await loadRoom();
}

export async function loadRoom(): Promise<void> {
  const reply = await request({ kind: 'storageRoom' });
  if (reply.ok) useTimeline.setState({ room: reply.value });
}

/** Asks the browser not to clear what is kept here; it may ask the person. Only from a press, as browsers want it. */
export async function askToPersist(): Promise<void> {
  const { storage } = navigator as { readonly storage?: StorageManager };
  await storage?.persist().catch(() => false);
  await loadRoom();
}

/** Tells the engine how moments are kept. */
export async function repeatSnapshotSettings(): Promise<void> {
  await request({ kind: 'keepSnapshots', settings: usePreferences.getState().snapshots });
}
