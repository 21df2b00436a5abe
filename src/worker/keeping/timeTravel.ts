// Back to an earlier step of a run, or off from it as a run of its own: the nearest checkpoint, and the steps from there repeated.
import { decodeRunState, type RunState } from '../../checkpoint/runState';
import { checkChanges, withChanges, type FieldChange } from '../../config/fieldChange';
import { differingFields, fieldValue } from '../../config/fields';
import type { LoggedChange, RunConfig } from '../../config/trainConfig';
import { err, ok, type Result } from '../../core/result';
import { createBatches } from '../../data/batches';
import { parameterSpecs } from '../../model/parameters';
import type { Handlers, RequestContext } from '../../protocol/channel';
import type { EngineError } from '../../protocol/errors';
import type { ResumedRun } from '../../protocol/kept';
import { afterChanges } from '../../training/state';
import { Trainer } from '../../training/trainer';
import { failureOf } from '../failure';
import type { OpenedRun } from './archive';
import { holderOf, resumedRun, type Counter } from './desk';
import { historyUntil } from './historyRecord';
import { sameText } from './runFile';
import { storageError, StorageFailure } from './storageFailure';

export interface TravelRoom extends Counter {
  /** Lets messages in. */
  breathe(): Promise<void>;
}

type Commands = 'stepBack' | 'branchRun';
type Answer<T> = Promise<Result<T, EngineError>>;

export function createTimeTravel(room: TravelRoom): Pick<Handlers, Commands> {
  const { archive, turns } = room;

  /** Opens a kept run, has `use` make another of it, and gives its lock back where that fails. */
  async function opened(runId: string, use: (run: OpenedRun) => Answer<ResumedRun>): Answer<ResumedRun> {
    const list = await archive.list();
    // Where nothing can be kept, a run that is ended is gone.
    if (list.error) return err(list.error);
    // Whichever run is here ends for the one that is made.
    const current = room.run();
    const unkept = (await current?.settle()) ?? null;
    if (unkept) return err(unkept);
    if (current?.info.runId === runId) await room.endRun();
    const taken = await archive.take(runId, false, holderOf(room, runId));
    if (!taken.ok) return taken;
    const made = await use(taken.value).catch((thrown: unknown) => err(room.lost() ?? travelFailure(thrown)));
    // A run that was made of it has the lock, whatever failed after that.
    if (!made.ok && room.run()?.info.runId !== runId) await taken.value.hold.release();
    return made;
  }

  const stepBack = (runId: string, step: number, context: RequestContext): Answer<ResumedRun> =>
    opened(runId, async (run) => {
      const state = await stateAt(run.state, step, room, context);
      if (!state.ok) return state;
      const history = historyUntil(run.history, step);
      const beginning = { state: state.value, history, hold: run.hold, isAltered: true };
      const made = await resumedRun(room, beginning, context);
      if (!made.ok) return made;
      await room.run()?.keepAsItStands();
      return made;
    });

  const branch = (runId: string, step: number, asked: readonly FieldChange[], context: RequestContext): Answer<ResumedRun> =>
    opened(runId, async (run) => {
      const state = await stateAt(run.state, step, room, context);
      if (!state.ok) return state;
      const before = { ...state.value.config, train: afterChanges(state.value.config.train, state.value.changes) };
      const made = withChanges(before, asked);
      if (!made.ok) return err({ code: 'invalid-config', fields: made.error });
      const config = made.value;
      const fields = differingFields(before, config);
      const shapes = ({ model }: RunConfig): string => JSON.stringify([parameterSpecs(model), model.nRoutedExperts]);
      if (shapes(before) !== shapes(config))
        return err({ code: 'model-unavailable', detail: 'a branch keeps the shape of every tensor' });
      const changed = fields.map((field) => ({
        field: field.path,
        from: fieldValue(before, field),
        to: fieldValue(config, field),
      }));
      const branched: RunState = {
        ...state.value,
        runId: room.freshId(),
        config,
        changes: [],
        upcoming: [],
        parent: { runId, step, changed },
      };
      const past = historyUntil(run.history, step);
      // Other text has other unigrams.
      const isOtherText = fields.some(({ path }) => path.startsWith('data.'));
      const history = isOtherText ? { ...past, baselines: null } : past;
      const resumed = await resumedRun(room, { state: branched, history }, context);
      if (!resumed.ok) return resumed;
      await run.hold.release();
      await room.run()?.takeSnapshot();
      await room.run()?.keepAsItStands();
      return resumed;
    });

  return {
    stepBack: ({ runId, step }, context) => turns.take(context.signal, (signal) => stepBack(runId, step, { ...context, signal })),
    branchRun: ({ runId, step, changed }, context) => {
      const faults = checkChanges(changed);
      if (faults.length > 0) return err({ code: 'invalid-config', fields: faults });
      return turns.take(context.signal, (signal) => branch(runId, step, changed, { ...context, signal }));
    },
  };
}

const travelFailure = (thrown: unknown): EngineError =>
  thrown instanceof StorageFailure ? storageError(thrown) : failureOf(thrown);

/** Where the run of `newest` stood after `step` steps, to the bit where backend and build are those of then. */
async function stateAt(newest: RunState, step: number, room: TravelRoom, context: RequestContext): Answer<RunState> {
  if (!Number.isInteger(step) || step < 0 || step > newest.step)
    return err({ code: 'model-unavailable', detail: `step ${step} of a run that stands at ${newest.step}` });
  const text = await room.text(context);
  if (!text.ok) return text;
  const other = sameText(newest.identity, text.value.corpus.info);
  if (other) return err(other);
  const { config, changes: log } = newest;
  const nearest = await nearestCheckpoint(newest, step, room);
  if (!nearest.ok) return nearest;
  const from = nearest.value;
  // What was changed at `step` itself holds only for the steps after it.
  const upcoming: readonly LoggedChange[] = log.slice(from?.changes.length ?? 0).filter((entry) => entry.step < step);
  if (from?.step === step) return ok({ ...from, upcoming: [] });
  const batches = createBatches(text.value.corpus, config.data, config.train);
  if (!batches.ok) return batches;
  const trainer = new Trainer(config, batches.value, from ? { resume: { ...from, upcoming } } : { replay: upcoming });
  try {
    const begun = trainer.step;
    if (trainer.step < step)
      for await (const event of trainer.events()) {
        await room.breathe();
        if (context.signal.aborted) return err({ code: 'cancelled' });
        const lost = room.lost();
        if (lost) return err(lost);
        if (event.kind === 'shard') continue;
        if (!event.report.finite) return err({ code: 'non-finite-step', detail: `step ${event.step + 1}` });
        context.progress({ stage: 'replaying', done: event.step - begun, total: step - begun });
        if (event.step === step) break;
      }
    return ok({ ...newest, ...(await trainer.capture()), upcoming: [] });
  } finally {
    trainer.dispose();
  }
}

/** The last checkpoint at or before `step`; null: the seed. */
async function nearestCheckpoint(newest: RunState, step: number, { archive }: TravelRoom): Answer<RunState | null> {
  if (newest.step === step) return ok(newest);
  const ladder = await archive.ladder(newest.runId);
  const usable = (ladder?.rungs ?? []).filter((rung) => rung.kind === 'checkpoint' && rung.step <= step).toReversed();
  for (const rung of usable) {
    const file = await archive.file(newest.runId, rung);
    const state = file.ok ? decodeRunState(file.value, parameterSpecs) : null;
    // A damaged one costs more steps to repeat, and nothing else.
    if (state?.ok) return ok(state.value);
  }
  if (newest.parent) return err({ code: 'storage-damaged', detail: `no checkpoint is left at or before step ${step}` });
  return ok(null);
}
