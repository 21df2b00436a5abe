// `npm run train`: trains, tells, saves; stops cleanly when asked; goes on where it stopped, to the bit.
import type { RunState } from '../checkpoint/runState';
import { fieldValue, sameValue } from '../config/fields';
import { AUTOMATIC_SHARDS } from '../config/shards';
import type { RunConfig } from '../config/trainConfig';
import { phaseTotals, type StepTrace } from '../core/stepTrace';
import type { Batches } from '../data/batches';
import type { ValidationSet } from '../data/validation';
import type { BackendName } from '../kernels/backends';
import { Trainer, type TrainEvent } from '../training/trainer';
import { stepScalars } from '../worker/messages';
import { withShards } from '../training/shardCount';
import type { Platform } from '../worker/platform';
import { runName } from '../worker/runName';
import { automaticWorkers, ShardPool } from '../worker/shardPool';
import type { TrainArguments } from './arguments';
import { BACKENDS, batchesOf, checkDomains, checkMemory, checkSameText, identityOf, loadText, startEngine } from './engine';
import { lockFolder } from './folderLock';
import { HistoryFile } from './historyFile';
import { Pace, progressLine } from './progress';
import { readRun, writeRun } from './runFile';
import { RunFolder } from './runFolder';
import { checkFile, checkFolder } from './targets';
import { Trouble } from './trouble';
import { perLayer, setsOf, validate } from './validation';

const VALIDATION_TOKENS_PER_DOMAIN = 1024;

/** How a command speaks to the person who waits for it. */
export interface Console {
  /** A line that stays. */
  say(line: string): void;
  /** A line that the next one may replace. */
  show(line: string): void;
}

interface TrainParts {
  readonly folder: RunFolder;
  readonly history: HistoryFile;
  readonly trainer: Trainer;
  readonly sets: readonly ValidationSet[];
  /** What every state of the run has in common. */
  readonly about: Pick<RunState, 'runId' | 'config' | 'identity'>;
  readonly platform: Platform;
  readonly console: Console;
}

type StepEvent = Extract<TrainEvent, { kind: 'step' }>;

/**
 * Trains as `options` say. Throws Trouble where that cannot be.
 * @param isStopped asked after each step @returns whether all steps were done; false: it was stopped, and saved
 */
export async function trainCommand(
  options: TrainArguments,
  platform: Platform,
  console: Console,
  isStopped: () => boolean,
): Promise<boolean> {
  await checkFolder('out', options.out);
  if (options.saveAs !== null) await checkFile('save-as', options.saveAs);
  const lock = await lockFolder(options.out);
  try {
    return await trainInFolder(options, platform, console, isStopped);
  } finally {
    await lock.release();
  }
}

/** The run to go on with; null: a new one is asked for. */
async function savedRun({ out, fresh, from }: TrainArguments, folder: RunFolder): Promise<RunState | null> {
  const inFolder = await folder.load();
  const advice = from === null ? 'add --resume to go on, or name another folder' : 'name another folder, or leave --from out';
  if (inFolder && (fresh || from !== null)) throw new Trouble(`--out ${out} holds a run at step ${inFolder.step}: ${advice}.`, 2);
  if (fresh) return null;
  if (from !== null) return readRun(from, 'from');
  if (!inFolder)
    throw new Trouble(`--resume: nothing was ever saved in --out ${out}. Begin the run without --resume, or name its folder.`, 2);
  return inFolder;
}

/** A saved run keeps its configuration: what was set again has to agree with it. */
function checkSettings(settings: TrainArguments['settings'], config: RunConfig): void {
  for (const { field, value } of settings) {
    const kept = fieldValue(config, field);
    const isLeftOpen = field.path === 'train.shards' && value === AUTOMATIC_SHARDS;
    if (!isLeftOpen && !sameValue(kept, value))
      throw new Trouble(
        `--set ${field.path}=${value}: the saved run has ${field.path}=${kept} and keeps it. Leave the setting out, or begin another run.`,
        2,
      );
  }
}

async function trainInFolder(
  options: TrainArguments,
  platform: Platform,
  console: Console,
  isStopped: () => boolean,
): Promise<boolean> {
  const folder = new RunFolder(options.out);
  const saved = await savedRun(options, folder);
  if (saved) checkSettings(options.settings, saved.config);
  const asked = saved?.config ?? options.fresh!.config;
  const text = await loadText(platform.readAsset);
  if (!saved) checkDomains(text, asked);
  const batches = batchesOf(text, asked);
  if (saved) checkSameText(saved.identity, text);
  const started = await startEngine(options.backend ?? backendOf(saved) ?? 'wasm');
  // What suits a backend is known once it runs.
  const config = saved ? asked : withShards(asked);
  if (!saved) checkMemory(config);
  const identity = identityOf(text, started);
  const about = { runId: saved?.runId ?? platform.freshId(), config, identity };
  if (saved) noteDifferences(saved, about, console);

  const workers = started.backend === 'wasm' ? (options.workers ?? automaticWorkers(platform.cores)) : 1;
  const pool = new ShardPool(() => platform.spawnHelper());
  const { trainer, history } = await begin(saved, options, config, batches, pool, folder);
  const sets = config.train.validationEvery > 0 ? setsOf(text, config, VALIDATION_TOKENS_PER_DOMAIN) : [];
  // Exact: in a shell nothing waits for the device to be quick, and times that are wrong are of no use.
  if (options.isTraced) trainer.trace({ clock: () => platform.clock(), exact: true });
  const parts: TrainParts = { folder, history, trainer, sets, about, platform, console };
  try {
    pool.open(config);
    pool.resize(Math.min(workers, config.train.shards) - 1);
    console.say(
      `${saved ? `resumed at step ${saved.step}` : 'new run'}: ${runName(about.runId)}, ${started.backend}, ${options.out}`,
    );
    if (!saved || options.from !== null) {
      await history.append({ kind: 'run', name: runName(about.runId), ...about, from: saved?.step ?? 0 });
      await save(parts);
    }
    if (trainer.step > options.steps)
      console.say(`step ${trainer.step} is past --steps ${options.steps}: nothing is trained; a larger number trains on`);
    const isDone = trainer.step >= options.steps || (await trainOn(parts, options, isStopped));
    if (options.saveAs !== null) await writeRun(options.saveAs, { ...about, ...(await trainer.capture()), historyPosition: 0 });
    return isDone;
  } finally {
    pool.close();
    await history.close();
    trainer.dispose();
  }
}

async function begin(
  saved: RunState | null,
  { fresh, from }: TrainArguments,
  config: RunConfig,
  batches: Batches,
  helpers: ShardPool,
  folder: RunFolder,
): Promise<{ trainer: Trainer; history: HistoryFile }> {
  const trainer = new Trainer(config, batches, saved ? { resume: saved, helpers } : { replay: fresh?.changes, helpers });
  return { trainer, history: await HistoryFile.open(folder.historyPath, from === null ? (saved?.historyPosition ?? 0) : 0) };
}

const backendOf = (saved: RunState | null): BackendName | undefined =>
  BACKENDS.find((backend) => backend === saved?.identity.backend);

/** A run goes on elsewhere too, but then its last bits may differ from an uninterrupted run's. */
function noteDifferences(saved: RunState, { identity }: TrainParts['about'], console: Console): void {
  for (const part of ['backend', 'kernels', 'build'] as const)
    if (saved.identity[part] !== identity[part])
      console.say(`note: saved with ${part} "${saved.identity[part]}", goes on with "${identity[part]}"; bits may differ`);
}

async function trainOn(parts: TrainParts, { steps, saveEvery }: TrainArguments, isStopped: () => boolean): Promise<boolean> {
  const { trainer, platform, console, about } = parts;
  const { batchSize, sequenceLength, validationEvery } = about.config.train;
  const pace = new Pace(platform.clock());
  for await (const event of trainer.events()) {
    // Signals and helpers' messages come between two shards.
    await platform.breathe();
    if (event.kind !== 'step') continue;
    const { step, report } = event;
    if (!report.finite) {
      await save(parts);
      throw new Trouble(`Step ${step + 1} was not finite and changed nothing; step ${step} is saved. Lower the learning rate.`);
    }
    await parts.history.append(stepLine(event, pace.lap(platform.clock()), about.config));
    const isLast = step >= steps || isStopped();
    const figures = { step, steps, loss: report.loss, tokensPerStep: batchSize * sequenceLength, stepMs: pace.stepMs };
    console.show(progressLine(figures));
    if (validationEvery > 0 && (step % validationEvery === 0 || step >= steps)) {
      await tellValidation(parts, step);
      pace.lap(platform.clock());
    }
    if (isLast || step % saveEvery === 0) {
      await save(parts);
      console.say(`${progressLine(figures)} · saved`);
    }
    if (isLast) return step >= steps;
  }
  return true;
}

/** A state is committed only when the history up to it is on the disk. */
async function save({ folder, history, trainer, about }: TrainParts): Promise<void> {
  await history.sync();
  await folder.save({ ...about, ...(await trainer.capture()), historyPosition: history.position });
}

function stepLine(event: StepEvent, stepMs: number, { model }: RunConfig): object {
  const { report } = event;
  return {
    kind: 'step',
    ...stepScalars(event, stepMs),
    biasUpdateSpeed: event.biasUpdateSpeed,
    maxVio: perLayer(report.load, model),
    biasChangedShare: [...report.biasChangedShare],
    largestBias: report.bias.reduce((largest, bias) => Math.max(largest, Math.abs(bias)), 0),
    ...(event.trace && { trace: traceLine(event.trace) }),
  };
}

/** Where the time of a step went, in ms: its length, each phase on all workers together, and every span. */
function traceLine(trace: StepTrace): object {
  const { duration, exact, spans } = trace;
  return { duration, exact, phases: phaseTotals(trace), spans };
}

async function tellValidation({ trainer, sets, about, history, console }: TrainParts, step: number): Promise<void> {
  const { load, ...losses } = await validate(() => trainer.model, sets, about.config, step);
  await history.append({ kind: 'validation', ...losses, maxVioGlobal: perLayer(load, about.config.model) });
  console.say(`step ${step} · validation ${losses.overall.nats.toFixed(3)} nats a token`);
}
