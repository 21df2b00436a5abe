// What a branch has of the runs it came from: their moments before it went off.
import { create } from 'zustand';
import type { Rung } from '../checkpoint/ladder';
import type { RunSnapshots } from '../protocol/snapshots';
import { request } from './engine';
import { runInfo, useRun } from './run';

/** A run that was left at step `until`. */
export interface Past extends Pick<RunSnapshots, 'runId' | 'isFromSeed' | 'rungs'> {
  readonly until: number;
}

/** The earliest run first; empty where the run began at its seed, or nothing is kept of where it came from. */
export const usePast = create<{ readonly past: readonly Past[] }>(() => ({ past: [] }));

export function clearPast(): void {
  usePast.setState({ past: [] });
}

/** Asks what is kept of the runs that `runId` came from. */
export async function loadPast(runId: string): Promise<void> {
  const kept = await request({ kind: 'keptRuns' });
  if (!kept.ok) return;
  const parentOf = (of: string) => kept.value.runs.find((run) => run.runId === of)?.parent;
  const past: Past[] = [];
  const seen = new Set([runId]);
  // A file may name any run as its parent.
  for (let from = parentOf(runId); from && !seen.has(from.runId); from = parentOf(from.runId)) {
    seen.add(from.runId);
    const reply = await request({ kind: 'runSnapshots', runId: from.runId });
    if (!reply.ok) break;
    past.unshift({ ...reply.value, until: from.step });
  }
  if (runInfo(useRun.getState().run)?.runId === runId) usePast.setState({ past });
}

/** The files of the moment of `runId` at `step`. @param own moments of the run itself; null: not told yet */
export function rungsAt(
  { runId, step }: { readonly runId: string; readonly step: number },
  own: RunSnapshots | null,
  past: readonly Past[],
): Rung[] {
  const of = own?.runId === runId ? own : past.find((one) => one.runId === runId);
  return of?.rungs.filter((rung) => rung.step === step) ?? [];
}
