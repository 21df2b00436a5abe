// From a configuration, or a saved state, to a run that can train.
import { modelSize } from '../analysis/modelSize';
import type { RunIdentity, RunState } from '../checkpoint/runState';
import type { SnapshotSettings } from '../config/snapshotSettings';
import type { LoggedChange, RunConfig } from '../config/trainConfig';
import { err, ok, type Result } from '../core/result';
import { createBatches } from '../data/batches';
import { baselines } from '../data/ngrams';
import { validationSets } from '../data/validation';
import type { EngineEnd } from '../protocol/channel';
import type { RunInfo } from '../protocol/commands';
import type { EngineError } from '../protocol/errors';
import type { RunHistory } from '../protocol/kept';
import { Trainer, type TrainerOptions } from '../training/trainer';
import { FAULT_PHASES } from '../config/fault';
import type { Reach } from './faults';
import type { Archive } from './keeping/archive';
import { HistoryRecord } from './keeping/historyRecord';
import { RunKeeper } from './keeping/runKeeper';
import type { Hold, Holder } from './keeping/runLocks';
import { LiveRun } from './liveRun';
import type { Platform } from './platform';
import { questionPauses } from './questionPauses';
import type { Questions } from './questions';
import { runName } from './runName';
import type { ShardPool } from './shardPool';
import type { Text } from './textLoader';

/** Tokens of validation text a domain has at most: more would make validation longer than the steps between. */
const VALIDATION_TOKENS_PER_DOMAIN = 1024;

/** One for all runs: losses of different seeds are then measured on the same text. */
const VALIDATION_SEED = 1;

/** What a run begins with; left out: its seed. */
export interface Beginning {
  readonly replay?: readonly LoggedChange[];
  /** The state it goes on from. */
  readonly state?: RunState;
  readonly history?: RunHistory;
  /** The right to a run that is kept already. */
  readonly hold?: Hold;
  /** What is kept of it is not what it begins with. */
  readonly isAltered?: boolean;
}

/** What runs share. */
export interface Surroundings {
  readonly text: Text;
  readonly identity: RunIdentity;
  readonly platform: Platform;
  readonly questions: Questions;
  readonly publish: EngineEnd['publish'];
  readonly pool: ShardPool;
  readonly reach: Reach;
  readonly archive: Archive;
  readonly snapshots: () => SnapshotSettings;
  readonly holderOf: (runId: string) => Holder;
  /** Called when all that can be refused was looked at; an error it gives ends the making. */
  readonly beforeAllocating: () => Promise<EngineError | null>;
}

/** Tensors are made only once nothing can be refused any more. */
export async function makeRun(
  config: RunConfig,
  { replay, state, history, hold, isAltered = false }: Beginning,
  { text, identity, platform, questions, publish, pool, reach, archive, snapshots, holderOf, beforeAllocating }: Surroundings,
): Promise<Result<LiveRun, EngineError>> {
  const { corpus, tokenizer } = text;
  if (config.model.vocabSize < tokenizer.vocabSize) {
    const params = { other: tokenizer.vocabSize, otherField: 'tokenizer' };
    return err({
      code: 'invalid-config',
      fields: [{ field: 'model.vocabSize', value: config.model.vocabSize, rule: 'atLeast', params }],
    });
  }
  const batches = createBatches(corpus, config.data, config.train);
  if (!batches.ok) return batches;
  const validation = validationSets(corpus, config.data, {
    sequenceLength: config.train.sequenceLength,
    maxTokensPerDomain: VALIDATION_TOKENS_PER_DOMAIN,
    seed: VALIDATION_SEED,
    tokenizer,
  });
  const ladder = state ? await archive.ladder(state.runId) : null;
  const refused = await beforeAllocating();
  if (refused) return err(refused);
  // Asked for or taken while it was being prepared: what nobody trained yet was let go of at once, and is another tab's now.
  if (hold?.isOver) return err({ code: 'run-elsewhere', ...(state && { detail: state.runId }) });
  const runId = state?.runId ?? platform.freshId();
  const info: RunInfo = {
    runId,
    name: runName(runId),
    config,
    size: modelSize(config.model),
    epochTokens: batches.value.epochTokens,
    domains: validation.map(({ domain }) => domain),
    ...(state?.parent && { parent: { ...state.parent, name: runName(state.parent.runId) } }),
  };
  const onPhase: TrainerOptions['onPhase'] = (ended, step) => {
    const phase = FAULT_PHASES.find((one) => one === ended);
    if (phase) reach(phase, step);
  };
  const pauses = questionPauses(questions, platform);
  const trainer = new Trainer(config, batches.value, { replay, resume: state, helpers: pool, onPhase, pauses });
  const keeper = new RunKeeper({
    keep: () => archive.keep(),
    about: { runId, config, identity, ...(state?.parent && { parent: state.parent }) },
    history: new HistoryRecord(history),
    capture: () => trainer.capture(),
    clock: () => platform.clock(),
    now: () => archive.now(),
    tell: (keeping) => publish('keeping', () => keeping),
    tellLetGo: (run) => publish('letGo', (waiting) => [...(waiting ?? []), run]),
    holder: holderOf(runId),
    hold: hold ?? null,
    saved: hold && state && !isAltered ? state.step : null,
    ladder: {
      rungs: ladder?.rungs.filter(({ step }) => step <= trainer.step) ?? [],
      cutAfter: ladder?.rungs.some(({ step }) => step > trainer.step) ? trainer.step : null,
      settings: snapshots,
      train: () => trainer.current,
      captureWeights: () => trainer.captureWeights(),
      tell: (told) => publish('snapshots', () => told),
    },
  });
  const countBaselines = () => baselines(corpus, config.data, validation);
  return ok(new LiveRun({ info, trainer, keeper, tokenizer, validation, countBaselines, platform, questions, publish, reach }));
}
