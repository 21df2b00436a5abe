// The kept moments of the run, and the room they have.
import { create } from 'zustand';
import type { RunConfig } from '../config/trainConfig';
import type { EngineError } from '../protocol/errors';
import type { RunMoment } from '../protocol/modelRef';
import type { RunSnapshots, StorageRoom } from '../protocol/snapshots';
import { request } from './engine';
import { usePreferences } from './preferences';

export interface TimelineState {
  /** null before the engine has told. */
  readonly snapshots: RunSnapshots | null;
  /** A moment that is being kept because somebody asked, or why it could not be. */
  readonly taking: { readonly phase: 'idle' | 'busy' } | { readonly phase: 'failed'; readonly error: EngineError };
  readonly room: StorageRoom | null;
}

export const useTimeline = create<TimelineState>(() => ({
  snapshots: null,
  taking: { phase: 'idle' },
  room: null,
}));

export function receiveSnapshots(snapshots: RunSnapshots): void {
  useTimeline.setState({ snapshots });
}

/** A new run is made. */
export function clearTimeline(): void {
  useTimeline.setState({ taking: { phase: 'idle' } });
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

/** Keeps the moment at hand, to look at and to go on from. */
export async function takeSnapshot(): Promise<void> {
  useTimeline.setState({ taking: { phase: 'busy' } });
  const reply = await request({ kind: 'takeSnapshot' });
  useTimeline.setState({ taking: reply.ok ? { phase: 'idle' } : { phase: 'failed', error: reply.error } });
  await loadRoom();
}

/** The settings as they stood at a kept moment; null where they cannot be read. */
export async function loadMomentConfig(moment: RunMoment): Promise<RunConfig | null> {
  const reply = await request({ kind: 'momentConfig', moment });
  return reply.ok ? reply.value : null;
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
