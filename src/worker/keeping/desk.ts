// The commands about runs that outlive the page: kept ones resumed or discarded, the current one given out as a file, a file taken in.
import type { RunState } from '../../checkpoint/runState';
import { err, ok, type Result } from '../../core/result';
import type { Handlers, Reply, RequestContext } from '../../protocol/channel';
import type { RunInfo, RunLog } from '../../protocol/commands';
import type { EngineError } from '../../protocol/errors';
import type { ResumedRun, RunHistory } from '../../protocol/kept';
import { failureOf } from '../failure';
import type { LiveRun } from '../liveRun';
import type { Beginning } from '../runMaking';
import type { Text } from '../textLoader';
import type { Turns } from '../turns';
import type { Archive } from './archive';
import { NO_HISTORY } from './historyRecord';
import { differences, readRunFile, sameText, writeRunFile } from './runFile';
import type { Holder } from './runLocks';

/** The session, as far as the desk needs it. */
export interface Counter {
  readonly archive: Archive;
  readonly turns: Turns;
  run(): LiveRun | null;
  /** Why nothing can be read from the device; null where it can. */
  lost(): EngineError | null;
  /** What decides the bits of a run here; null before there is a backend and a text. */
  identity(): RunLog['identity'] | null;
  text(context: RequestContext): Promise<Result<Text, EngineError>>;
  freshId(): string;
  createRun(config: RunState['config'], beginning: Beginning, context: RequestContext): Promise<Result<RunInfo, EngineError>>;
  endRun(): Promise<void>;
}

type Commands = 'keptRuns' | 'resumeRun' | 'discardRun' | 'pinRun' | 'exportRun' | 'importRun';

export function createDesk(counter: Counter): Pick<Handlers, Commands> {
  const { archive, turns } = counter;

  async function resumeKept(runId: string, takeOver: boolean, context: RequestContext): Promise<Result<ResumedRun, EngineError>> {
    // Its own last copy is what it is resumed from, e.g. after a lost device.
    if (counter.run()?.info.runId === runId) await counter.endRun();
    const taken = await archive.take(runId, takeOver, holderOf(counter, runId));
    if (!taken.ok) return taken;
    const resumed = await resumedRun(counter, taken.value, context);
    if (!resumed.ok) await taken.value.hold.release();
    return resumed;
  }

  async function importRun(file: Blob, context: RequestContext): Promise<Result<ResumedRun, EngineError>> {
    const read = await readRunFile(file);
    if (!read.ok) return read;
    // What is kept under the same id may be further on: both stay.
    const isKept = await archive.has(read.value.runId);
    const state = isKept ? { ...read.value, runId: counter.freshId() } : read.value;
    return resumedRun(counter, { state, history: NO_HISTORY }, context);
  }

  async function exportRun(): Promise<Reply<'exportRun'>> {
    const [run, identity, lost] = [counter.run(), counter.identity(), counter.lost()];
    if (lost) return err(lost);
    if (!run || !identity) return err({ code: 'no-run' });
    try {
      const { runId, config } = run.info;
      const state = await run.capture();
      const { parent } = run.parts.keeper;
      return ok({
        step: state.step,
        file: await writeRunFile({ ...state, runId, config, identity, historyPosition: 0, ...(parent && { parent }) }),
      });
    } catch (thrown) {
      return err(counter.lost() ?? failureOf(thrown));
    }
  }

  return {
    keptRuns: async () => {
      const run = counter.run();
      return ok(await archive.list(run && !run.isElsewhere ? run.info.runId : null));
    },
    resumeRun: ({ runId, takeOver }, context) =>
      turns.take(context.signal, (signal) => resumeKept(runId, takeOver, { ...context, signal })),
    discardRun: ({ runId }) => archive.discard(runId),
    pinRun: ({ runId, isPinned }) => archive.pin(runId, isPinned),
    exportRun,
    importRun: ({ file }, context) => turns.take(context.signal, (signal) => importRun(file, { ...context, signal })),
  };
}

/** Makes the run of a saved state the current one, paused where it was saved. */
export async function resumedRun(
  counter: Pick<Counter, 'text' | 'createRun' | 'run' | 'identity'>,
  beginning: Beginning & { readonly state: RunState; readonly history: RunHistory; readonly passedOver?: string | null },
  context: RequestContext,
): Promise<Result<ResumedRun, EngineError>> {
  const { state, history, passedOver = null } = beginning;
  const text = await counter.text(context);
  if (!text.ok) return text;
  const other = sameText(state.identity, text.value.corpus.info);
  if (other) return err(other);
  const made = await counter.createRun(state.config, beginning, context);
  if (!made.ok) return made;
  const [run, identity] = [counter.run(), counter.identity()];
  if (!run || !identity) return err({ code: 'no-run' });
  const { step, config, changes } = state;
  const differs = differences(state.identity, identity);
  return ok({ info: made.value, step, config: { ...config, train: run.settings }, changes, history, differs, passedOver });
}

/** What other tabs tell the lock of `runId`. */
export function holderOf(counter: Pick<Counter, 'run'>, runId: string): Holder {
  const mine = (): LiveRun | null => {
    const run = counter.run();
    return run?.info.runId === runId ? run : null;
  };
  return { onAsked: async () => mine()?.leave(false), onTaken: () => void mine()?.leave(true) };
}
