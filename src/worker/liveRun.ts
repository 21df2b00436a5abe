// A run that trains: pulls the trainer's events, stops and goes on, lets questions in between, and says when it is kept.
import type { LiveChange, LoggedChange, TrainConfig } from '../config/trainConfig';
import type { Tokenizer } from '../data/tokenizer';
import type { ValidationSet } from '../data/validation';
import type { RunInfo, SampleRequest, StepTracing } from '../protocol/commands';
import type { EngineEnd } from '../protocol/channel';
import type { EngineError } from '../protocol/errors';
import type { Baselines, RunPhase } from '../protocol/events';
import type { TrainerState } from '../training/state';
import { Trainer } from '../training/trainer';
import { failureOf } from './failure';
import type { Reach } from './faults';
import type { RunKeeper } from './keeping/runKeeper';
import type { Platform } from './platform';
import type { Questions } from './questions';
import { continueText } from './sampling';
import { notFinite, StepNews, type StepEvent } from './stepNews';
import { tracingFor } from './stepTimes';

const ELSEWHERE: EngineError = { code: 'run-elsewhere' };

export interface LiveRunParts {
  readonly info: RunInfo;
  readonly trainer: Trainer;
  readonly keeper: RunKeeper;
  readonly tokenizer: Tokenizer;
  readonly validation: readonly ValidationSet[];
  /** Takes a moment: asked for once, after the first step. */
  readonly countBaselines: () => Baselines;
  readonly platform: Platform;
  readonly questions: Questions;
  readonly publish: EngineEnd['publish'];
  readonly reach: Reach;
}

export class LiveRun {
  readonly info: RunInfo;
  readonly parts: LiveRunParts;
  private readonly news: StepNews;
  private events: ReturnType<Trainer['events']>;
  private isLooping = false;
  private isWanted = false;
  private until: number | null = null;
  /** The run tells nothing any more and touches no tensor. */
  private isOver = false;
  private isDeviceLost = false;
  /** Stands until training is asked for again, also while the step it struck is finished. */
  private fault: EngineError | null = null;
  /** Another tab goes on with it. */
  isElsewhere = false;
  private stepStarted = 0;

  constructor(parts: LiveRunParts) {
    this.parts = parts;
    this.info = parts.info;
    this.news = new StepNews(this);
    this.events = parts.trainer.events();
    this.setPhase({ phase: 'paused', step: this.step });
  }

  get isTraining(): boolean {
    return this.isLooping;
  }

  /** Its model is gone, or no longer that of a finished step. */
  get hasEnded(): boolean {
    return this.isOver || !this.parts.trainer.isSound;
  }

  get step(): number {
    return this.parts.trainer.step;
  }

  get changes(): readonly LoggedChange[] {
    return this.parts.trainer.changes;
  }

  /** Hyperparameters as they stand after the live changes so far. */
  get settings(): TrainConfig {
    return this.parts.trainer.current;
  }

  /** Trains until paused, or until `count` more steps are finished. Only tells its fault where it cannot go on. */
  train(count: number | null): void {
    if (!this.goesOn) return this.fail(this.fault ?? ELSEWHERE);
    this.isWanted = true;
    this.fault = null;
    this.until = count === null ? null : this.step + count;
    if (!this.isLooping) void this.loop();
  }

  /** Stops after the step that is under way. */
  pause(): void {
    this.isWanted = false;
  }

  change(change: LiveChange): LoggedChange {
    const logged = this.parts.trainer.change(change);
    this.parts.keeper.noteChange(this.isLooping ? null : this.step);
    return logged;
  }

  traceSteps(mode: StepTracing): void {
    this.parts.trainer.trace(tracingFor(mode, () => this.parts.platform.clock()));
  }

  setPrompt(prompt: string): void {
    this.news.prompt = prompt;
  }

  /** Continues a prompt with the weights of the last finished step, between two shards. null: cancelled, or the run has ended. */
  sample(request: Omit<SampleRequest, 'model'>, signal: AbortSignal): Promise<string | null> {
    const isUnwanted = (): boolean => this.hasEnded || signal.aborted;
    return this.parts.questions.ask(() => continueText(this, request, { isUnwanted }));
  }

  /** Pauses because of a fault. What was learned is intact, as far as the fault lets it be. */
  fail(error: EngineError): void {
    this.isWanted = false;
    this.fault = error;
    this.setPhase({ phase: 'failed', step: this.step, error, goesOn: this.goesOn });
  }

  /** Pauses because the weights can be trusted no more: what was kept before is all there is. */
  spoil(error: EngineError): void {
    this.parts.trainer.spoil();
    this.fail(error);
  }

  /** Saves a resting run that nothing is kept of yet. */
  async keepAsItStands(): Promise<void> {
    const { keeper } = this.parts;
    await keeper.rest(this.step);
    await keeper.ladder.end();
  }

  /** Rests, and is kept as it stands. @returns what stands against that; null also where there is nothing to keep */
  async settle(): Promise<EngineError | null> {
    const { keeper, platform } = this.parts;
    this.isWanted = false;
    while (this.isLooping) await platform.breathe();
    const isUntouched = this.step === 0 && !keeper.parent;
    if (this.hasEnded || !this.goesOn || isUntouched) return null;
    await keeper.rest(this.step);
    return keeper.unkept(this.step);
  }

  /** Keeps the moment at hand; null: it is kept. */
  async takeSnapshot(): Promise<EngineError | null> {
    // Read in its turn, boxed: the run does not wait until it is written.
    const { kept } = await this.parts.questions.ask(() => Promise.resolve({ kept: this.parts.keeper.ladder.take(this.step) }));
    return kept;
  }

  /** The run as it stands after the last finished step, read between two shards. */
  capture(): Promise<TrainerState> {
    return this.parts.questions.ask(() => this.parts.trainer.capture());
  }

  /** Leaves the run to another tab. @param isTaken it has it already; otherwise resolves when it is saved as it stands */
  async leave(isTaken: boolean): Promise<void> {
    const { keeper, platform } = this.parts;
    this.isElsewhere = true;
    this.isWanted = false;
    if (isTaken) keeper.abandon();
    while (this.isLooping) await platform.breathe();
    if (!isTaken && !this.isOver) await keeper.rest(this.step);
    await keeper.end();
    keeper.abandon();
    this.fail(ELSEWHERE);
  }

  /** The device is gone: nothing can be waited for any more. */
  abandon(error: EngineError): void {
    this.isDeviceLost = true;
    this.fail(error);
    this.isOver = true;
    this.isWanted = false;
  }

  /** Stops for good and frees the run's tensors once nothing is under way on them. */
  async end(): Promise<void> {
    const { platform, questions, trainer, keeper } = this.parts;
    this.isOver = true;
    this.isWanted = false;
    if (!this.isDeviceLost) {
      while (this.isLooping) await platform.breathe();
      await questions.answer();
      await this.events.return(undefined as never);
      await keeper.rest(this.step);
    }
    await keeper.end();
    trainer.dispose();
  }

  private async loop(): Promise<void> {
    const { platform, questions } = this.parts;
    this.isLooping = true;
    this.setPhase({ phase: 'training', step: this.step, until: this.until });
    try {
      // A question that is being answered is about the weights as they are.
      await questions.answer();
      this.stepStarted = platform.clock();
      let isInStep = false;
      while (!this.isOver && (isInStep || this.wantsMore)) {
        const { value: event } = await this.events.next();
        if (this.isOver) {
          // It has been trained, and is saved: what it tells belongs to it.
          if (event.kind === 'step' && event.report.finite && !this.isDeviceLost) this.news.note(event, this.stepStarted);
          return;
        }
        isInStep = event.kind === 'shard';
        if (event.kind === 'step') await this.finishStep(event);
        await platform.breathe();
        await questions.answer();
      }
      this.setPhase({ phase: 'paused', step: this.step });
      void this.parts.keeper.rest(this.step);
      this.parts.reach('idle', this.step);
    } catch (thrown) {
      // A generator that threw is at its end; the weights are those of the last finished step, unless the update itself was cut short.
      this.events = this.parts.trainer.events();
      this.fail(failureOf(thrown));
      if (this.goesOn && !this.isOver) void this.parts.keeper.rest(this.step);
    } finally {
      this.isLooping = false;
      // Whoever waits is told that there is no device.
      if (this.isDeviceLost) void questions.answer();
    }
    await questions.answer();
  }

  private get goesOn(): boolean {
    return !this.isDeviceLost && !this.isElsewhere && this.parts.trainer.isSound;
  }

  private get wantsMore(): boolean {
    return this.isWanted && (this.until === null || this.step < this.until);
  }

  private async finishStep(event: StepEvent): Promise<void> {
    if (this.hasEnded) return;
    if (!event.report.finite) return this.fail(notFinite(event));
    this.news.step(event, this.stepStarted);
    this.setPhase({ phase: 'training', step: event.step, until: this.until });
    await this.news.whatIsDue(event.step);
    if (!this.isOver) this.parts.keeper.afterStep(event.step);
    this.stepStarted = this.parts.platform.clock();
  }

  private setPhase(phase: RunPhase): void {
    if (this.isOver || (this.fault && phase.phase !== 'failed')) return;
    this.parts.publish('phase', () => phase);
  }
}
