// Runs that outlive the page: those the browser keeps, how the current one is kept, and files of runs.
import { create } from 'zustand';
import type { EngineError } from '../protocol/errors';
import type { KeptRun, KeptRuns, Keeping, ResumedRun } from '../protocol/kept';
import { request } from './engine';
import { runInfo, useRun, type Run } from './run';

export interface KeptState {
  readonly kept: KeptRuns;
  /** How the current run is kept; null before the engine says. */
  readonly keeping: Keeping | null;
  /** Set while a run is being brought back. */
  readonly isBusy: boolean;
  /** Why the newest wish could not be granted, until the next one. */
  readonly problem: EngineError | null;
  /** What is not as it was when the current run was saved. */
  readonly differs: ResumedRun['differs'];
}

const NOTHING: KeptRuns = { place: 'files', runs: [], error: null };

export const useKept = create<KeptState>(() => ({ kept: NOTHING, keeping: null, isBusy: false, problem: null, differs: [] }));

export function receiveKeeping(keeping: Keeping): void {
  useKept.setState({ keeping });
}

/** A new run is made: what was said of the one before does not hold for it. */
export function clearKeeping(): void {
  useKept.setState({ keeping: null, problem: null, differs: [] });
}

/** Asks the engine again what the browser keeps. */
export async function loadKept(): Promise<void> {
  const reply = await request({ kind: 'keptRuns' });
  if (reply.ok) useKept.setState({ kept: reply.value });
}

export async function discardKept(runId: string): Promise<void> {
  const reply = await request({ kind: 'discardRun', runId });
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
      return run.error.code === 'run-elsewhere' || run.error.code === 'device-lost';
    case 'preparing':
    case 'paused':
    case 'training':
      return false;
  }
}

/** The runs to offer now, the one saved last first. */
export function offeredRuns(run: Run, { kept, keeping }: Pick<KeptState, 'kept' | 'keeping'>): readonly KeptRun[] {
  if (!isIdle(run)) return [];
  const info = runInfo(run);
  // A run that was left to another tab is there, also where the list was asked for before that tab had it.
  if (run.phase === 'failed' && run.error.code === 'run-elsewhere')
    return kept.runs.map((one) => (one.runId === info?.runId ? { ...one, isElsewhere: true } : one));
  if (run.phase !== 'lost' || !info || keeping?.runId !== info.runId || keeping.saved === null) return kept.runs;
  // The engine that could list it is gone with it.
  const { runId, name } = info;
  const last: KeptRun = { runId, name, step: keeping.saved, savedAt: NaN, backend: '', isElsewhere: false };
  return [last, ...kept.runs.filter((other) => other.runId !== runId)];
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
