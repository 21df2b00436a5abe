// A run whose model is gone, with its device or its engine: it goes on from what was kept, here or on another backend.
import type { BackendChoice } from '../protocol/commands';
import { bootEngine } from './connect';
import { useEngine } from './engine';
import { discardKept, lostRun, useKept } from './kept';
import { resumeKept } from './resume';
import { setRun, useRun } from './run';
import { play, prepareRun } from './runActions';

/**
 * Starts the engine anew and brings the lost run back from its newest copy; it trains on if it was training. Where nothing was kept, it begins
 * again from its seed. False where that failed: see the stores.
 */
export async function recover(backend: BackendChoice = useEngine.getState().choice): Promise<boolean> {
  const { run } = useRun.getState();
  const lost = lostRun(run, useKept.getState().keeping);
  if (!lost) return false;
  const trainsOn = 'wasTraining' in run && run.wasTraining;
  await bootEngine(backend);
  if (useEngine.getState().engine.phase !== 'ready') return false;
  // Its lock is freed with the old engine, which may take a moment: the taking waits for it.
  const isBack = lost.saved === null ? await prepareRun() : await resumeKept(lost.runId, true);
  if (isBack && trainsOn) await play();
  return isBack;
}

/** Lets go of the lost run and of what was kept of it. */
export async function discardLost(): Promise<void> {
  const lost = lostRun(useRun.getState().run, useKept.getState().keeping);
  if (!lost) return;
  await bootEngine();
  await discardKept(lost.runId);
  setRun({ phase: 'none' });
}
