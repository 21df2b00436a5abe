// Bringing a run back: from what the browser keeps, or from a file. It stands paused where it was saved, with its curves.
import { moeLayerCount } from '../config/modelConfig';
import type { FieldChange } from '../config/fieldChange';
import type { CommandOf } from '../protocol/channel';
import type { ResumedRun } from '../protocol/kept';
import type { RunMoment } from '../protocol/modelRef';
import { setDraft, setRunning } from './config';
import { ensureEngine } from './connect';
import { request } from './engine';
import { loadKept, useKept } from './kept';
import { loadPast } from './past';
import { receiveRouting } from './routing';
import { loseRun, setRun, useRun } from './run';
import { forgetFigures } from './runActions';
import { receiveSamples, repeatSamplePrompt } from './samples';
import { receiveScalars } from './scalars';
import { fitSelection } from './selection';
import { receiveBaselines, receiveValidation } from './validation';

/** Goes on with a kept run. @param takeOver also where another tab has it open */
export function resumeKept(runId: string, takeOver: boolean): Promise<boolean> {
  return bringBack({ kind: 'resumeRun', runId, takeOver });
}

/** Goes on with the run of a file. */
export function openRunFile(file: Blob): Promise<boolean> {
  return bringBack({ kind: 'importRun', file });
}

/** Has the run stand at an earlier step again. */
export function stepBackTo({ runId, step }: RunMoment): Promise<boolean> {
  return bringBack({ kind: 'stepBack', runId, step });
}

/** Goes off from a step of the run as a new one: with the settings of then, but for those that are changed. */
export function branchFrom({ runId, step }: RunMoment, changed: readonly FieldChange[]): Promise<boolean> {
  return bringBack({ kind: 'branchRun', runId, step, changed });
}

/** False where it could not be: see the store. */
async function bringBack(command: CommandOf<'resumeRun' | 'importRun' | 'stepBack' | 'branchRun'>): Promise<boolean> {
  if (useKept.getState().isBusy) return false;
  useKept.setState({ isBusy: true, problem: null });
  try {
    if (!(await ensureEngine())) return false;
    await repeatSamplePrompt();
    const reply = await request(command);
    if (reply.ok) {
      adopt(reply.value);
      return true;
    }
    // A newer wish took its place.
    if (reply.error.code !== 'cancelled') useKept.setState({ problem: reply.error });
    // The run before may have had to end for this one.
    const before = await request({ kind: 'runLog' });
    if (!before.ok && before.error.code === 'no-run') loseRun();
    await loadKept();
    return false;
  } finally {
    useKept.setState({ isBusy: false });
  }
}

function adopt({ info, step, config, changes, history, differs, passedOver }: ResumedRun): void {
  forgetFigures();
  const balance = new Map(history.scalars.map((scalars, index) => [scalars.step, history.balance[index]!]));
  setDraft(config);
  setRunning(config);
  fitSelection(moeLayerCount(config.model), config.model.nRoutedExperts);
  receiveRouting(history.routing);
  receiveScalars(history.scalars, (of) => balance.get(of)!);
  receiveValidation(history.validation);
  if (history.baselines) receiveBaselines(history.baselines);
  receiveSamples(history.samples);
  useRun.setState({ changes });
  useKept.setState({ differs, passedOver });
  setRun({ phase: 'paused', info, step });
  void loadPast(info.runId);
}
