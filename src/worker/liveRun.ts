// A run that trains: pulls the trainer's events, validates and samples at their steps, and tells the page.
import { moeLayerCount } from '../config/modelConfig';
import type { LiveChange, LoggedChange, TrainConfig } from '../config/trainConfig';
import type { Tokenizer } from '../data/tokenizer';
import type { ValidationSet } from '../data/validation';
import { evaluateLoss } from '../evaluation/loss';
import type { RunInfo, SampleRequest, StepTracing } from '../protocol/commands';
import type { EngineEnd } from '../protocol/channel';
import type { EngineError } from '../protocol/errors';
import type { Baselines, RunPhase, SampleResult, ValidationResult } from '../protocol/events';
import type { TrainerState } from '../training/state';
import { Trainer, type TrainEvent } from '../training/trainer';
import { failureOf } from './failure';
import type { Reach } from './faults';
import type { RunKeeper } from './keeping/runKeeper';
import { batchWindow, stepRouting, stepScalars, validationResult } from './messages';
import { pile, PILE_LIMIT } from './pile';
import type { Platform } from './platform';
import type { Questions } from './questions';
import { continueText } from './sampling';
import { tellTrace, tracingFor } from './stepTimes';

const SAMPLE_TEMPERATURE = 0.8;

const ELSEWHERE: EngineError = { code: 'run-elsewhere' };

type StepEvent = Extract<TrainEvent, { kind: 'step' }>;

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
  private events: ReturnType<Trainer['events']>;
  private prompt = '';
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
    this.prompt = prompt;
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
  keepAsItStands(): Promise<void> {
    return this.parts.keeper.rest(this.step);
  }

  /** Keeps the moment at hand; null: it is kept. */
  async takeSnapshot(): Promise<EngineError | null> {
    // Read in its turn, boxed: the run does not wait until it is written.
    const { kept } = await this.parts.questions.ask(() => Promise.resolve({ kept: this.parts.keeper.ladder.take() }));
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
          if (event.kind === 'step' && event.report.finite && !this.isDeviceLost) this.noteStep(event);
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

  /** Adds what a finished step tells to the run's history. */
  private noteStep(event: StepEvent) {
    const { platform, info, keeper } = this.parts;
    const { model } = info.config;
    const scalars = stepScalars(event, platform.clock() - this.stepStarted);
    const routing = moeLayerCount(model) > 0 ? [stepRouting(event, model)] : [];
    keeper.history.addStep(scalars, routing[0] ?? null);
    return { scalars, routing };
  }

  private async finishStep(event: StepEvent): Promise<void> {
    if (this.hasEnded) return;
    const { platform, publish, info, tokenizer, keeper } = this.parts;
    const { model } = info.config;
    const train = this.settings;
    if (!event.report.finite) {
      const quantity = Number.isFinite(event.report.loss)
        ? `gradient norm ${event.report.gradientNorm}`
        : `loss ${event.report.loss}`;
      return this.fail({ code: 'non-finite-step', detail: `${quantity}, step ${event.step + 1}` });
    }
    const { scalars, routing } = this.noteStep(event);
    if (event.trace) tellTrace(publish, info.runId, event.trace);
    publish('steps', (waiting) => {
      const mine = waiting?.runId === info.runId ? waiting : null;
      return {
        runId: info.runId,
        scalars: [...(mine?.scalars ?? []), scalars].slice(-PILE_LIMIT),
        routing: [...(mine?.routing ?? []), ...routing].slice(-PILE_LIMIT),
      };
    });
    publish('batch', () => ({ runId: info.runId, window: batchWindow(event, model, tokenizer) }));
    this.setPhase({ phase: 'training', step: event.step, until: this.until });
    if (!keeper.history.baselines) await this.tellBaselines();
    if (train.validationEvery > 0 && event.step % train.validationEvery === 0) await this.validate(event.step);
    if (train.sampleEvery > 0 && event.step % train.sampleEvery === 0) await this.takeSample(event.step);
    if (!this.isOver) keeper.afterStep(event.step);
    this.stepStarted = platform.clock();
  }

  private async tellBaselines(): Promise<void> {
    const { platform, publish, info, countBaselines, keeper } = this.parts;
    await platform.breathe(); // the step is told first
    const baselines = countBaselines();
    keeper.history.baselines = baselines;
    publish('baselines', () => ({ runId: info.runId, baselines }));
  }

  private async validate(step: number): Promise<void> {
    const { validation, trainer, platform, publish, questions, info, keeper } = this.parts;
    const { train } = this.info.config;
    const losses = [];
    for (const set of validation) {
      const passes = evaluateLoss(() => trainer.model, set.ids, train.sequenceLength, train.batchSize / train.shards);
      let pass = await passes.next();
      for (; !pass.done; pass = await passes.next()) {
        await platform.breathe();
        await questions.answer();
        // Whoever waits for the run shall not wait for this.
        if (this.hasEnded || this.isElsewhere) return;
      }
      losses.push({ set, ...pass.value });
    }
    const result: ValidationResult = validationResult(step, losses);
    keeper.history.addValidation(result);
    publish('validation', (waiting) => pile(info.runId, waiting, result));
  }

  private async takeSample(step: number): Promise<void> {
    const { publish, info, keeper, questions } = this.parts;
    const { prompt } = this;
    const { seed, sampleTokens } = this.settings;
    const request = { prompt, tokens: sampleTokens, temperature: SAMPLE_TEMPERATURE, seed: seed + step };
    const text = await continueText(this, request, {
      isUnwanted: () => this.hasEnded || this.isElsewhere,
      between: () => questions.answerSoon(),
    });
    if (text === null) return;
    const sample: SampleResult = { step, prompt, text };
    keeper.history.addSample(sample);
    publish('samples', (waiting) => pile(info.runId, waiting, sample));
  }

  private setPhase(phase: RunPhase): void {
    if (this.isOver || (this.fault && phase.phase !== 'failed')) return;
    this.parts.publish('phase', () => phase);
  }
}
