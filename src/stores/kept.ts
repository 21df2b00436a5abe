// Runs that outlive the page: those the browser keeps, how the current one is kept, and files of runs.
import { create } from 'zustand';
import type { EngineError } from '../protocol/errors';
import type { KeptRun, KeptRuns, Keeping, LetGo, ResumedRun } from '../protocol/kept';
import { request } from './engine';
import { forgetKept, rememberKept, useKeptLast, type KeptLast } from './lastKept';
import { isElsewhere, runInfo, useRun, type Run } from './run';

export interface KeptState {
  readonly kept: KeptRuns;
  /** The run kept last, where the browser has it no more. */
  readonly evicted: KeptLast | null;
  /** Runs that had to give way to a new one, until a person has closed the word on it. */
  readonly letGo: readonly LetGo[];
  /** How the engine keeps its run, which the page may not know yet (`ownKeeping`); null before it says. */
  readonly keeping: Keeping | null;
  /** Set while a run is being brought back. */
  readonly isBusy: boolean;
  /** Set while the engine is started anew for a lost run (stores/recovery.ts). */
  readonly isRecovering: boolean;
  /** Why the newest wish could not be granted, until the next one. */
  readonly problem: EngineError | null;
  /** What is not as it was when the current run was saved. */
  readonly differs: ResumedRun['differs'];
  /** What is wrong with a newer copy of the current run, which was passed over; null: nothing. */
  readonly passedOver: string | null;
}

const NOTHING: KeptRuns = { place: 'files', runs: [], next: [], error: null };

const FRESH = { problem: null, differs: [], passedOver: null } as const;

export const useKept = create<KeptState>(() => ({
  kept: NOTHING,
  evicted: null,
  letGo: [],
  keeping: null,
  isBusy: false,
  isRecovering: false,
  ...FRESH,
}));

export function receiveKeeping(keeping: Keeping): void {
  useKept.setState({ keeping });
  const info = runInfo(useRun.getState().run);
  if (info?.runId === keeping.runId && keeping.saved !== null) rememberKept({ ...info, step: keeping.saved });
}

export function receiveLetGo(gone: readonly LetGo[]): void {
  const ids = new Set(gone.map(({ runId }) => runId));
  for (const runId of ids) forgetKept(runId);
  useKept.setState(({ letGo, kept }) => ({
    letGo: [...letGo, ...gone],
    kept: { ...kept, runs: kept.runs.filter(({ runId }) => !ids.has(runId)) },
  }));
}

export function dismissLetGo(): void {
  useKept.setState({ letGo: [] });
}

/** How the page's run is kept; null before the engine says. */
export function ownKeeping(run: Run, keeping: Keeping | null): Keeping | null {
  return keeping?.runId === runInfo(run)?.runId ? keeping : null;
}

/** A new run is made: what was said of the one before does not hold for it. */
export function clearKeeping(): void {
  useKept.setState(FRESH);
}

/** Nobody can train meanwhile: what would be trained is lost. */
export const isBringingBack = ({ isBusy, isRecovering }: KeptState): boolean => isBusy || isRecovering;

/** Asks the engine again what the browser keeps. */
export async function loadKept(): Promise<void> {
  const reply = await request({ kind: 'keptRuns' });
  if (!reply.ok) return;
  const { runs, error } = reply.value;
  const { last } = useKeptLast.getState();
  const own = runInfo(useRun.getState().run)?.runId;
  const isThere = last === null || last.runId === own || runs.some(({ runId }) => runId === last.runId);
  useKept.setState({ kept: reply.value, evicted: error || isThere ? null : last });
}

export function dismissEvicted(): void {
  const { evicted } = useKept.getState();
  if (evicted) forgetKept(evicted.runId);
  useKept.setState({ evicted: null });
}

export async function discardKept(runId: string): Promise<void> {
  const reply = await request({ kind: 'discardRun', runId });
  if (reply.ok) forgetKept(runId);
  useKept.setState({ problem: reply.ok ? null : reply.error });
  await loadKept();
}

/** A pinned run never gives way to another. */
export async function pinKept(runId: string, isPinned: boolean): Promise<void> {
  const reply = await request({ kind: 'pinRun', runId, isPinned });
  useKept.setState({ problem: reply.ok ? null : reply.error });
  await loadKept();
}

/** Whether the page has no run of its own to go on with, so that a kept one is of interest. */
function isIdle(run: Run): boolean {
  switch (run.phase) {
    case 'none':
    case 'refused':
    case 'lost':
      return true;
    case 'failed':
      return !run.goesOn;
    case 'preparing':
    case 'paused':
    case 'training':
      return false;
  }
}

/** What the browser keeps. A run that was left to another tab is there, also where the list was asked for before that tab had it. */
export function listedRuns(run: Run, { kept }: Pick<KeptState, 'kept'>): readonly KeptRun[] {
  const left = isElsewhere(run) ? runInfo(run)?.runId : null;
  return kept.runs.map((one) => (one.runId === left ? { ...one, isElsewhere: true } : one));
}

/**
 * The runs to offer now, the one saved last first; none while the page's own is being brought back, which is offered where it is told
 * that it was lost or left.
 */
export function offeredRuns(run: Run, { kept, isRecovering }: Pick<KeptState, 'kept' | 'isRecovering'>): readonly KeptRun[] {
  const own = runInfo(run)?.runId;
  return isIdle(run) && !isRecovering ? kept.runs.filter(({ runId }) => runId !== own) : [];
}

/** The run's state as a file, and a name for it; null where there is none to give: see the store. */
export async function askRunFile(): Promise<{ readonly name: string; readonly file: Blob } | null> {
  const info = runInfo(useRun.getState().run);
  const reply = await request({ kind: 'exportRun' });
  useKept.setState({ problem: reply.ok ? null : reply.error });
  if (!reply.ok || !info) return null;
  const { step, file } = reply.value;
  return { name: `run-${info.name.replaceAll(/\s+/g, '-')}-step-${step}.safetensors`, file };
}
