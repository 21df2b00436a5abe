// Keeps moments of one run while it trains. What goes wrong is told and tried again later; training goes on.
import { modelSize } from '../../analysis/modelSize';
import { isCheckpointDue, isSnapshotDue, type Rung } from '../../checkpoint/ladder';
import { encodeRunState, type RunState } from '../../checkpoint/runState';
import { encodeSnapshot } from '../../checkpoint/snapshot';
import type { SnapshotSettings } from '../../config/snapshotSettings';
import type { TrainConfig } from '../../config/trainConfig';
import { parameterSpecs } from '../../model/parameters';
import type { EngineError } from '../../protocol/errors';
import type { RunSnapshots } from '../../protocol/snapshots';
import type { TrainerState } from '../../training/state';
import { roomFor } from './ladders';
import type { Keep } from './runKeeper';
import { storageError, StorageFailure } from './storageFailure';
import { stuckSince } from './stuck';

/** Bytes of moments that wait to be written; with a slower storage some moments are passed over. */
const MOST_WAITING = 64e6;
/** After a failure, ms: a full disk does not empty itself in seconds. */
const RETRY_AFTER_MS = 30_000;
const MB = 1e6;

export type Weights = Pick<TrainerState, 'step' | 'parameters' | 'biases'>;

export interface LadderParts {
  readonly about: Pick<RunState, 'runId' | 'config' | 'identity'>;
  /** Its first step was drawn from its seed. */
  readonly isFromSeed: boolean;
  readonly settings: () => SnapshotSettings;
  /** Hyperparameters after the live changes so far. */
  readonly train: () => TrainConfig;
  /** Training loss of the newest step; null before the first. */
  readonly loss: () => number | null;
  /** Where the run stands, when asked between two events of the trainer. */
  readonly capture: () => Promise<TrainerState>;
  readonly captureWeights: () => Promise<Weights>;
  /** Keeps the run itself, without which its moments are nothing; asked between two events of the trainer. What it gives stands against that. */
  readonly keepRun: () => Promise<EngineError | null>;
  /** The storage, once the run is this tab's own. Rejects with StorageFailure. */
  readonly own: () => Promise<Keep>;
  /** Another tab has the run. */
  readonly isTaken: () => boolean;
  readonly clock: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly tell: (told: RunSnapshots) => void;
  /** Moments kept of later steps are of another past, and go before anything else is kept; null: there are none. */
  readonly cutAfter: number | null;
}

/** What the list says of a moment besides where it stands. */
type Said = Pick<Rung, 'isPinned' | 'loss' | 'savedAt'>;
type Whole = Omit<RunState, 'historyPosition'>;

/** A moment alone is larger than the room that a person gave to all of its kind. */
class OverBudget extends StorageFailure {
  constructor(detail: string) {
    super('full', detail);
  }
}

export class LadderKeeper {
  private readonly parts: LadderParts;
  private last: Promise<void> = Promise.resolve();
  private waiting = 0;
  private rungs: readonly Rung[] = [];
  private error: EngineError | null = null;
  private retryAt = -Infinity;
  private missed = 0;
  private cutAfter: number | null;
  /** When the work that waits last got on; null: none waits. */
  private movedAt: number | null = null;

  constructor(parts: LadderParts, rungs: readonly Rung[]) {
    this.parts = parts;
    this.rungs = rungs;
    this.cutAfter = parts.cutAfter;
    this.tell();
  }

  /** Lets go of what is of another past. Resolves when it is gone, or when the page is told why not; the next moment tries again. */
  cut(): Promise<void> {
    if (this.cutAfter === null) return this.last;
    this.last = this.last.then(async () => {
      try {
        await this.cutNow((await this.parts.own()).ladders);
      } catch (thrown) {
        this.error = storageError(thrown);
        if (!this.parts.isTaken()) this.tell();
      }
    });
    return this.last;
  }

  /** Ask after each finished step: keeps what is due, and does not wait for it. */
  afterStep(step: number): void {
    const { settings, train, clock } = this.parts;
    this.lookForStuck();
    const { batchSize, sequenceLength } = train();
    const { everyTokens, checkpointEvery } = settings();
    const [before, now] = [(step - 1) * batchSize * sequenceLength, step * batchSize * sequenceLength];
    const isWhole = isCheckpointDue(before, now, everyTokens * checkpointEvery);
    if (!isWhole && !isSnapshotDue(before, now, everyTokens)) return;
    // After a failure its error is what is told.
    if (clock() < this.retryAt) return;
    if (this.waiting === 0 || this.waiting + this.sizeOf(isWhole) <= MOST_WAITING) void this.keepNow(isWhole, false);
    else {
      this.missed++;
      this.tell();
    }
  }

  /** Keeps the moment at hand, `step`, to look at and to go on from. Ask between two events of the trainer; resolves when it is written. */
  async take(step: number): Promise<EngineError | null> {
    // The seed gives step 0 again, to look at and to go on from.
    if (step === 0 && this.parts.isFromSeed) return null;
    await this.keepNow(true, true);
    return this.error;
  }

  /** Resolves when nothing is being written any more. */
  end(): Promise<void> {
    return this.last;
  }

  private lookForStuck(): void {
    const stuck = stuckSince(this.movedAt, this.parts.clock(), this.rungs.at(-1)?.step ?? null);
    if (!stuck || this.error?.code === stuck.code) return;
    this.error = stuck;
    this.tell();
  }

  /** Bytes of a moment in memory: weights, and two moments of each where it is whole. */
  private sizeOf(isWhole: boolean): number {
    return 4 * modelSize(this.parts.about.config.model).totalParameters * (isWhole ? 3 : 1);
  }

  private keepNow(isWhole: boolean, isPinned: boolean): Promise<void> {
    const { about, capture, captureWeights, train, clock, now, keepRun } = this.parts;
    // Read now: training may go on while it is written.
    const config = { ...about.config, train: train() };
    const loss = this.parts.loss();
    const said = { isPinned, savedAt: now(), ...(loss !== null && { loss }) };
    const taken: Promise<Weights | TrainerState> = isWhole ? capture() : captureWeights();
    const first = keepRun();
    for (const asked of [taken, first]) asked.catch(() => undefined); // looked at in its turn
    const size = this.sizeOf(isWhole);
    this.waiting += size;
    this.movedAt ??= clock();
    this.last = this.last.then(async () => {
      if (isPinned || clock() >= this.retryAt)
        this.error = await this.written(first, taken, config, said).catch((thrown: unknown) => this.refused(thrown));
      this.waiting -= size;
      this.movedAt = this.waiting > 0 ? clock() : null;
      if (!this.parts.isTaken()) this.tell();
    });
    return this.last;
  }

  /** What was thrown, as it is told. Others rest after it, unless it was too large for its own room. */
  private refused(thrown: unknown): EngineError {
    if (!(thrown instanceof OverBudget)) this.retryAt = this.parts.clock() + RETRY_AFTER_MS;
    return storageError(thrown);
  }

  private async written(
    first: Promise<EngineError | null>,
    taken: Promise<Weights | TrainerState>,
    config: RunState['config'],
    said: Said,
  ): Promise<EngineError | null> {
    const { about, settings, clock } = this.parts;
    const unkept = await first;
    if (unkept) {
      this.retryAt = clock() + RETRY_AFTER_MS;
      return unkept;
    }
    const state = await taken;
    const { step } = state;
    const snapshot = encodeSnapshot({ ...about, ...state, config }, parameterSpecs, settings().type);
    await this.add('snapshot', step, said, snapshot);
    if (!('firstMoments' in state)) return null;
    const whole: Whole = { ...state, ...about };
    await this.add('checkpoint', step, said, encodeRunState({ ...whole, historyPosition: 0 }, parameterSpecs));
    return null;
  }

  private async add(kind: Rung['kind'], step: number, said: Said, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const { about, own, settings, isFromSeed, isTaken } = this.parts;
    const budget = settings().budgetMb * MB;
    const room = roomFor(kind, budget);
    if (bytes.length > room)
      throw new OverBudget(`${(bytes.length / MB).toFixed(1)} MB > ${(room / MB).toFixed(1)} MB (${kind})`);
    const { ladders } = await own();
    if (isTaken()) throw new StorageFailure('failed', `${about.runId} is open in another tab`);
    await this.cutNow(ladders);
    const { runId, config, identity } = about;
    this.rungs = await ladders.add(runId, { config, identity, isFromSeed }, { kind, step, ...said, bytes }, budget);
  }

  private async cutNow(ladders: Keep['ladders']): Promise<void> {
    if (this.cutAfter === null || this.parts.isTaken()) return;
    await ladders.cut(this.parts.about.runId, this.cutAfter);
    this.cutAfter = null;
  }

  private tell(): void {
    const { about, isFromSeed, tell } = this.parts;
    tell({ runId: about.runId, isFromSeed, rungs: this.rungs, missed: this.missed, error: this.error });
  }
}
