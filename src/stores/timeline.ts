// The kept moments of the run, and the room they have.
import { create } from 'zustand';
import type { RunConfig } from '../config/trainConfig';
import type { Result } from '../core/result';
import type { EngineError } from '../protocol/errors';
import type { RunMoment } from '../protocol/modelRef';
import type { RunSnapshots, StorageRoom } from '../protocol/snapshots';
import { chooseModel, useChosenModel } from './chosenModel';
import { request } from './engine';
import { clearPast } from './past';
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

/** A moment that is looked at and is kept no longer gives way to now. */
export function receiveSnapshots(snapshots: RunSnapshots): void {
  useTimeline.setState({ snapshots });
  const { model } = useChosenModel.getState();
  if (model?.kind !== 'checkpoint' || model.runId !== snapshots.runId) return;
  if (!momentSteps({ snapshots }).some(({ step }) => step === model.step)) chooseModel(null);
}

/** A new run is made, or one stands at an earlier step again. */
export function clearTimeline(): void {
  reading = null;
  useTimeline.setState({ taking: { phase: 'idle' } });
  clearPast();
}

/** Steps of the moments kept of the run, the earliest first; one that can be gone on from is whole. */
export function momentSteps({
  snapshots,
}: {
  readonly snapshots: Pick<RunSnapshots, 'isFromSeed' | 'rungs'> | null;
}): { readonly step: number; readonly isWhole: boolean }[] {
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

type MomentConfig = Result<RunConfig, EngineError>;

/** The moment last asked about: several figures want its settings, and the engine reads a whole file for them. */
let reading: { readonly moment: RunMoment; readonly reply: Promise<MomentConfig> } | null = null;

/** The settings as they stood at a kept moment. What failed is asked for again. */
export async function loadMomentConfig(moment: RunMoment): Promise<MomentConfig> {
  if (reading?.moment.runId !== moment.runId || reading.moment.step !== moment.step)
    reading = { moment, reply: request({ kind: 'momentConfig', moment }) };
  const mine = reading;
  const reply = await mine.reply;
  if (!reply.ok && reading === mine) reading = null;
  return reply;
}

export async function loadRoom(): Promise<void> {
  const reply = await request({ kind: 'storageRoom' });
  if (reply.ok) useTimeline.setState({ room: reply.value });
}

/** Asks the browser not to clear what is kept here; it may ask the person. Only from a press, as browsers want it. False: it refused. */
export async function askToPersist(): Promise<boolean> {
  const { storage } = navigator as { readonly storage?: StorageManager };
  const isGranted = (await storage?.persist().catch(() => false)) ?? false;
  await loadRoom();
  return isGranted;
}

/** Tells the engine how moments are kept. */
export async function repeatSnapshotSettings(): Promise<void> {
  await request({ kind: 'keepSnapshots', settings: usePreferences.getState().snapshots });
}
