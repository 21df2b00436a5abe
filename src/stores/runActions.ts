// What a person can do with a run. Each starts what it needs: Play on a bare page boots the engine, makes the run and trains.
import { fieldValue, type Field, type FieldValue } from '../config/fields';
import { moeLayerCount } from '../config/modelConfig';
import type { BackendChoice, RunInfo, RunLog } from '../protocol/commands';
import type { CommandOf } from '../protocol/channel';
import type { LiveChange, LoggedChange, RunConfig } from '../config/trainConfig';
import { clearBatch } from './batch';
import { lookAtNewRun } from './chosenModel';
import { applyToRunning, editDraft, setRunning, useConfig } from './config';
import { bootEngine, ensureEngine } from './connect';
import { request, useEngine } from './engine';
import { clearKeeping, isBringingBack, useKept } from './kept';
import { forgetHeldOut } from './heldOut';
import { forgetLookBack } from './lookBack';
import { clearRouting } from './routing';
import { clearMoment } from './moment';
import { setPreference } from './preferences';
import { isElsewhere, logChange, runInfo, setRun, useRun } from './run';
import { clearSamples, repeatSamplePrompt } from './samples';
import { clearScalars } from './scalars';
import { fitSelection } from './selection';
import { clearStepTraces } from './stepTraces';
import { forgetSweep } from './sweep';
import { clearTimeline } from './timeline';
import { clearValidation } from './validation';

let preparing: AbortController | null = null;

/** Makes a new run of the draft, from its seed, paused at step 0. False where that failed or was cancelled: see the store. */
export async function prepareRun(): Promise<boolean> {
  const { draft, errors } = useConfig.getState();
  if (errors.length === 0) return makeRun(draft, []);
  useRun.setState({ problem: { code: 'invalid-config', fields: errors } });
  return false;
}

/** Makes a run of its settings and what was changed while it ran, which will be changed again at the same steps. False as `prepareRun`. */
export async function repeatRun({ config }: RunInfo, changes: readonly LoggedChange[]): Promise<boolean> {
  const isMade = await makeRun(config, changes, useConfig.getState().running?.train.shards);
  if (isMade) useRun.setState({ changes });
  return isMade;
}

/** @param shards as they were asked for: those left to the backend are no edit of what runs */
async function makeRun(
  wanted: RunConfig,
  replay: readonly LoggedChange[],
  shards: number = wanted.train.shards,
): Promise<boolean> {
  preparing?.abort();
  const controller = new AbortController();
  preparing = controller;
  setRunning(null);
  forgetFigures();
  setRun({ phase: 'preparing', config: wanted, progress: null });
  if (!(await ensureEngine())) {
    if (preparing === controller) setRun({ phase: 'none' });
    return false;
  }
  if (preparing !== controller) return false;
  // An engine that was exchanged meanwhile has taken the phase with it.
  setRun({ phase: 'preparing', config: wanted, progress: null });
  await repeatSamplePrompt();
  const reply = await request(
    { kind: 'createRun', config: wanted, replay },
    {
      signal: controller.signal,
      onProgress: (progress) => preparing === controller && setRun({ phase: 'preparing', config: wanted, progress }),
    },
  );
  if (preparing !== controller) return false;
  preparing = null;
  if (!reply.ok) {
    setRun(reply.error.code === 'cancelled' ? { phase: 'none' } : { phase: 'refused', error: reply.error });
    return false;
  }
  const { config } = reply.value;
  setRunning({ ...config, train: { ...config.train, shards } });
  fitSelection(moeLayerCount(config.model), config.model.nRoutedExperts);
  setRun({ phase: 'paused', info: reply.value, step: 0 });
  return true;
}

export function cancelPreparing(): void {
  preparing?.abort();
}

/** Empties every store of what the run before has told. */
export function forgetFigures(): void {
  useRun.setState({ changes: [], problem: null });
  clearKeeping();
  clearScalars();
  clearRouting();
  clearBatch();
  clearValidation();
  clearSamples();
  clearStepTraces();
  clearTimeline();
  clearMoment();
  forgetHeldOut();
  forgetLookBack();
  forgetSweep();
  lookAtNewRun();
}

/** A run that can go on, made where there is none. */
async function ensureRun(): Promise<boolean> {
  const { run } = useRun.getState();
  if (run.phase === 'preparing' || isElsewhere(run)) return false;
  const goesOn = run.phase === 'failed' ? run.goesOn : run.phase === 'paused' || run.phase === 'training';
  return goesOn || prepareRun();
}

async function tell(command: CommandOf<'play' | 'pause' | 'step'>): Promise<void> {
  const reply = await request(command);
  useRun.setState({ problem: reply.ok || reply.error.code === 'cancelled' ? null : reply.error });
}

export async function play(): Promise<void> {
  if (isBringingBack(useKept.getState())) return;
  if (await ensureRun()) await tell({ kind: 'play' });
}

export async function pause(): Promise<void> {
  await tell({ kind: 'pause' });
}

export async function togglePlay(): Promise<void> {
  await (useRun.getState().run.phase === 'training' ? pause() : play());
}

/** Trains `count` steps and pauses. */
export async function step(count: number): Promise<void> {
  if (isBringingBack(useKept.getState())) return;
  if (await ensureRun()) await tell({ kind: 'step', count });
}

/** A new run of the draft from the same seed; it trains on where the old one was training. */
export async function restart(): Promise<void> {
  if (isBringingBack(useKept.getState())) return;
  const wasTraining = useRun.getState().run.phase === 'training';
  if (wasTraining) await tell({ kind: 'pause' });
  if ((await prepareRun()) && wasTraining) await play();
}

/** What the run was last asked to change a field to, by its path, until it has answered. */
const askedFor = new Map<string, FieldValue>();

/** Changes one field of the draft; a field that applies now changes the run too, and its log. */
export async function editField(field: Field, value: FieldValue): Promise<void> {
  editDraft(field, value);
  const { errors, running } = useConfig.getState();
  if (field.applies !== 'now' || !running || !runInfo(useRun.getState().run)) return;
  const current = askedFor.get(field.path) ?? fieldValue(running, field);
  if (errors.some((error) => error.field === field.path) || current === value) return;
  askedFor.set(field.path, value);
  const reply = await request({ kind: 'change', change: { [field.key]: value } as LiveChange });
  if (askedFor.get(field.path) === value) askedFor.delete(field.path);
  if (reply.ok) {
    applyToRunning(reply.value.change);
    logChange(reply.value);
  } else useRun.setState({ problem: reply.error });
}

/** Has `count` workers train (0: as suits the machine), now and on later visits. */
export async function setWorkers(count: number): Promise<void> {
  setPreference({ workers: count });
  if (useEngine.getState().engine.phase === 'ready') await request({ kind: 'workers', count });
}

/** The current run as a record; null where the engine has none to give: see the store. */
export async function askRunLog(): Promise<RunLog | null> {
  const reply = await request({ kind: 'runLog' });
  if (reply.ok) return reply.value;
  useRun.setState({ problem: reply.error });
  return null;
}

/** Restarts the engine on another backend; a run is made anew there, from its seed, because its numbers would differ. */
export async function changeBackend(choice: BackendChoice): Promise<void> {
  const hadRun = runInfo(useRun.getState().run) !== null;
  await bootEngine(choice);
  // Who has pressed Play meanwhile, or asked for a run that was kept, has it under way already: another one would take it from them.
  const isLost = useRun.getState().run.phase === 'lost' && !isBringingBack(useKept.getState());
  if (hadRun && isLost && useEngine.getState().engine.phase === 'ready') await prepareRun();
}
