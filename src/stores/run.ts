// The current run: one phase at a time, what it was made of, and what was changed while it ran.
import { create } from 'zustand';
import type { LoggedChange, RunConfig } from '../config/trainConfig';
import type { Progress, RunInfo } from '../protocol/commands';
import type { EngineError } from '../protocol/errors';
import type { RunPhase } from '../protocol/events';

/** Steps a run was to train to when it stopped: ∞ until paused, 0 where it rested. */
type Goal = number;

export type Run =
  | { readonly phase: 'none' }
  | { readonly phase: 'preparing'; readonly config: RunConfig; readonly progress: Progress | null }
  /** It could not be made. */
  | { readonly phase: 'refused'; readonly error: EngineError }
  | { readonly phase: 'paused'; readonly info: RunInfo; readonly step: number }
  | { readonly phase: 'training'; readonly info: RunInfo; readonly step: number; readonly until: number | null }
  /** It stopped because of a fault. */
  | {
      readonly phase: 'failed';
      readonly info: RunInfo;
      readonly step: number;
      readonly error: EngineError;
      /** What it learned is intact; false: its model is gone, and what was kept is what it can go on from. */
      readonly goesOn: boolean;
      readonly until: Goal;
    }
  /** The engine that held it is gone. @param error null: it was ended on purpose */
  | {
      readonly phase: 'lost';
      readonly info: RunInfo;
      readonly step: number;
      readonly error: EngineError | null;
      readonly until: Goal;
    };

export interface RunState {
  readonly run: Run;
  readonly changes: readonly LoggedChange[];
  /** The newest command that failed, until the next one. */
  readonly problem: EngineError | null;
}

export const useRun = create<RunState>(() => ({ run: { phase: 'none' }, changes: [], problem: null }));

export function setRun(run: Run): void {
  useRun.setState({ run });
}

/** Another tab has it: it goes on there, or is taken over first. */
export function isElsewhere(run: Run): boolean {
  return run.phase === 'failed' && run.error.code === 'run-elsewhere';
}

/** The run's description in every phase that has one. */
export function runInfo(run: Run): RunInfo | null {
  return 'info' in run ? run.info : null;
}

/** Steps finished. */
export function runStep(run: Run): number {
  return 'step' in run ? run.step : 0;
}

/** Steps the run trains to, or was to train to. */
export const goalOf = (run: Run): Goal => ('until' in run ? (run.until ?? Infinity) : 0);

/** Takes over the engine's phase; what it says about a run that is not ours any more is dropped. Of a run that trains on, steps are told with their figures. */
export function receivePhase(phase: RunPhase): void {
  const { run } = useRun.getState();
  const info = runInfo(run);
  if (!info || run.phase === 'lost') return;
  switch (phase.phase) {
    case 'none':
    case 'preparing':
      return;
    case 'training':
      if (run.phase === 'training' && run.until === phase.until) return;
      return setRun({ ...phase, info });
    case 'paused':
      return setRun({ ...phase, info });
    case 'failed':
      return setRun({ ...phase, info, until: goalOf(run) });
  }
}

/** The run has trained up to `step`. */
export function receiveStep(step: number): void {
  const { run } = useRun.getState();
  if (run.phase === 'training' && step > run.step) setRun({ ...run, step });
}

/** The engine stopped: the run's figures stay to be read, its model is gone. */
export function loseRun(error: EngineError | null = null): void {
  const { run } = useRun.getState();
  const info = runInfo(run);
  setRun(info ? { phase: 'lost', info, step: runStep(run), error, until: goalOf(run) } : { phase: 'none' });
}

export function logChange(change: LoggedChange): void {
  useRun.setState(({ changes }) => ({ changes: [...changes, change] }));
}
