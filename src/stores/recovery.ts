// A run whose model is gone, with its device, its engine or half an update: the engine is started anew and the run goes on from what was
// kept, by itself the first time, then when somebody says so, here or on another backend.
import { create } from 'zustand';
import type { BackendChoice } from '../protocol/commands';
import type { EngineError } from '../protocol/errors';
import type { Keeping } from '../protocol/kept';
import type { RunSnapshots } from '../protocol/snapshots';
import { chooseModel } from './chosenModel';
import { bootEngine, PATIENCE_MS } from './connect';
import { useEngine } from './engine';
import { discardKept, loadKept, ownKeeping, useKept } from './kept';
import { resumeKept } from './resume';
import { goalOf, runInfo, runStep, setRun, useRun, type Run } from './run';
import { forgetFigures, play, prepareRun, repeatRun, step as trainSteps } from './runActions';
import { useTimeline } from './timeline';

export type Recovery =
  | { readonly phase: 'none' }
  | { readonly phase: 'busy'; readonly cause: EngineError | null }
  /** @param lostAt steps it had finished @param step it goes on from */
  | {
      readonly phase: 'back';
      readonly cause: EngineError | null;
      readonly name: string;
      readonly lostAt: number;
      readonly step: number;
    }
  /** What went wrong on the way is told where it always is. */
  | { readonly phase: 'failed'; readonly cause: EngineError | null };

export const useRecovery = create<{ readonly recovery: Recovery }>(() => ({ recovery: { phase: 'none' } }));

function setRecovery(recovery: Recovery): void {
  useRecovery.setState({ recovery });
  useKept.setState({ isRecovering: recovery.phase === 'busy' });
}

let triedAt = -Infinity;

/** The page's own run where it lost its model: the newest step kept of it, null: nothing was. null: there is no such run. */
export function lostRun(
  run: Run,
  keeping: Keeping | null,
  snapshots: RunSnapshots | null,
): { readonly runId: string; readonly saved: number | null } | null {
  const isLost = run.phase === 'lost' || (run.phase === 'failed' && !run.goesOn && run.error.code !== 'run-elsewhere');
  if (!isLost) return null;
  const { runId } = run.info;
  const saved = ownKeeping(run, keeping)?.saved ?? null;
  const copies = saved === null ? [] : [saved];
  const rungs = snapshots?.runId === runId ? snapshots.rungs.filter(({ kind }) => kind === 'checkpoint') : [];
  const steps = [...copies, ...rungs.map(({ step }) => step)];
  return { runId, saved: steps.length > 0 ? Math.max(...steps) : null };
}

const lostNow = () => lostRun(useRun.getState().run, useKept.getState().keeping, useTimeline.getState().snapshots);

/**
 * Starts the engine anew and brings the lost run back from the newest that was kept of it; it trains on if it was training. Where nothing
 * was kept, it begins again from its seed. False where that failed: see the stores.
 */
export async function recover(backend: BackendChoice = useEngine.getState().choice): Promise<boolean> {
  const { run } = useRun.getState();
  const { recovery } = useRecovery.getState();
  const lost = lostNow();
  if (!lost || recovery.phase === 'busy') return false;
  const told = 'error' in run ? run.error : null;
  const cause = told ?? (recovery.phase === 'failed' ? recovery.cause : null);
  return bringBack(lost, cause, goalOf(run), backend);
}

/** Has the run go on with another backend, from its newest copy, after it was brought back on its own. */
export async function moveTo(backend: BackendChoice): Promise<boolean> {
  const { run } = useRun.getState();
  const { recovery } = useRecovery.getState();
  if (recovery.phase !== 'back' || (run.phase !== 'paused' && run.phase !== 'training')) return false;
  return bringBack({ runId: run.info.runId, saved: null }, recovery.cause, goalOf(run), backend);
}

async function bringBack(
  lost: { readonly runId: string; readonly saved: number | null },
  cause: EngineError | null,
  until: number,
  backend: BackendChoice,
): Promise<boolean> {
  const { run, changes } = useRun.getState();
  const info = runInfo(run);
  const [lostAt, name] = [runStep(run), info?.name ?? ''];
  setRecovery({ phase: 'busy', cause });
  await bootEngine(backend);
  const isReady = useEngine.getState().engine.phase === 'ready';
  // The old engine may have kept it without a word.
  if (isReady) await loadKept();
  const isKept = lost.saved !== null || useKept.getState().kept.runs.some(({ runId }) => runId === lost.runId);
  // Its lock is freed with the old engine, which may take a moment: the taking waits for it.
  const again = () => (info ? repeatRun(info, changes) : prepareRun());
  const isBack = isReady && (isKept ? await resumeKept(lost.runId, true) : await again());
  if (!isBack) {
    setRecovery({ phase: 'failed', cause });
    return false;
  }
  const step = runStep(useRun.getState().run);
  setRecovery({ phase: 'back', cause, name, lostAt, step });
  if (until === Infinity) await play();
  else if (until > step) await trainSteps(until - step);
  return true;
}

export function dismissRecovery(): void {
  setRecovery({ phase: 'none' });
}

/** Lets go of the lost run and of what was kept of it. */
export async function discardLost(): Promise<void> {
  const lost = lostNow();
  if (!lost) return;
  setRecovery({ phase: 'busy', cause: null });
  await bootEngine();
  await discardKept(lost.runId);
  forgetFigures();
  chooseModel(null);
  setRun({ phase: 'none' });
  setRecovery({ phase: 'none' });
}

useRun.subscribe(({ run }, before) => {
  if (run === before.run) return;
  const { recovery } = useRecovery.getState();
  // Another run has taken its place.
  const isOther = recovery.phase === 'back' && runInfo(run)?.runId !== runInfo(before.run)?.runId;
  if (isOther || (run.phase === 'preparing' && recovery.phase !== 'busy')) dismissRecovery();
  // An engine that was ended on purpose stays ended.
  if (!lostNow() || !('error' in run) || run.error === null || recovery.phase === 'busy') return;
  const now = performance.now();
  if (now - triedAt < PATIENCE_MS) return;
  triedAt = now;
  // After what told the loss has said all of it.
  setTimeout(() => void recover());
});
