// What a finished step tells the page and leaves in the run's history: its figures, and held-out losses and a sample where they are due.
import { moeLayerCount } from '../config/modelConfig';
import type { TrainConfig } from '../config/trainConfig';
import { evaluateLoss } from '../evaluation/loss';
import type { EngineError } from '../protocol/errors';
import type { SampleResult, ValidationResult } from '../protocol/events';
import type { TrainEvent } from '../training/trainer';
import type { LiveRunParts } from './liveRun';
import { batchWindow, stepRouting, stepScalars, validationResult } from './messages';
import { pile, PILE_LIMIT } from './pile';
import { continueText } from './sampling';
import { tellTrace } from './stepTimes';

const SAMPLE_TEMPERATURE = 0.8;

export type StepEvent = Extract<TrainEvent, { kind: 'step' }>;

/** The run, as far as its news need it. */
interface Teller {
  readonly parts: LiveRunParts;
  readonly step: number;
  readonly settings: TrainConfig;
  readonly hasEnded: boolean;
  readonly isElsewhere: boolean;
}

/** Why a step was not taken. */
export function notFinite({ report: { loss, gradientNorm }, step }: StepEvent): EngineError {
  const quantity = Number.isFinite(loss) ? `gradient norm ${gradientNorm}` : `loss ${loss}`;
  return { code: 'non-finite-step', detail: `${quantity}, step ${step + 1}` };
}

export class StepNews {
  private readonly run: Teller;
  /** What samples begin with. */
  prompt = '';

  constructor(run: Teller) {
    this.run = run;
  }

  /** Adds a step's figures to the history. @param started when it began, by the platform's clock, ms */
  note(event: StepEvent, started: number) {
    const { platform, info, keeper } = this.run.parts;
    const { model } = info.config;
    const scalars = stepScalars(event, platform.clock() - started);
    const routing = moeLayerCount(model) > 0 ? [stepRouting(event, model)] : [];
    keeper.history.addStep(scalars, routing[0] ?? null);
    return { scalars, routing };
  }

  /** Notes a step and tells the page. @param started as `note` has it */
  step(event: StepEvent, started: number): void {
    const { publish, info, tokenizer } = this.run.parts;
    const { scalars, routing } = this.note(event, started);
    if (event.trace) tellTrace(publish, info.runId, event.trace);
    publish('steps', (waiting) => {
      const mine = waiting?.runId === info.runId ? waiting : null;
      return {
        runId: info.runId,
        scalars: [...(mine?.scalars ?? []), scalars].slice(-PILE_LIMIT),
        routing: [...(mine?.routing ?? []), ...routing].slice(-PILE_LIMIT),
      };
    });
    publish('batch', () => ({ runId: info.runId, window: batchWindow(event, info.config.model, tokenizer) }));
  }

  /** What takes moments: baselines once, then held-out losses and a sample at their steps. */
  async whatIsDue(step: number): Promise<void> {
    const { validationEvery, sampleEvery } = this.run.settings;
    if (!this.run.parts.keeper.history.baselines) await this.tellBaselines();
    if (validationEvery > 0 && step % validationEvery === 0) await this.validate(step);
    if (sampleEvery > 0 && step % sampleEvery === 0) await this.takeSample(step);
  }

  private async tellBaselines(): Promise<void> {
    const { platform, publish, info, countBaselines, keeper } = this.run.parts;
    await platform.breathe(); // the step is told first
    const baselines = countBaselines();
    keeper.history.baselines = baselines;
    publish('baselines', () => ({ runId: info.runId, baselines }));
  }

  private async validate(step: number): Promise<void> {
    const { validation, trainer, platform, publish, questions, info, keeper } = this.run.parts;
    const { train } = info.config;
    const losses = [];
    for (const set of validation) {
      const passes = evaluateLoss(() => trainer.model, set.ids, train.sequenceLength, train.batchSize / train.shards);
      let pass = await passes.next();
      for (; !pass.done; pass = await passes.next()) {
        await platform.breathe();
        await questions.answer();
        if (this.isUnwanted) return;
      }
      losses.push({ set, ...pass.value });
    }
    const result: ValidationResult = validationResult(step, losses);
    keeper.history.addValidation(result);
    publish('validation', (waiting) => pile(info.runId, waiting, result));
  }

  private async takeSample(step: number): Promise<void> {
    const { publish, info, keeper, questions } = this.run.parts;
    const { prompt } = this;
    const { seed, sampleTokens } = this.run.settings;
    const request = { prompt, tokens: sampleTokens, temperature: SAMPLE_TEMPERATURE, seed: seed + step };
    const text = await continueText(this.run, request, {
      isUnwanted: () => this.isUnwanted,
      between: () => questions.answerSoon(),
    });
    if (text === null) return;
    const sample: SampleResult = { step, prompt, text };
    keeper.history.addSample(sample);
    publish('samples', (waiting) => pile(info.runId, waiting, sample));
  }

  /** Whoever waits for the run shall not wait for this. */
  private get isUnwanted(): boolean {
    return this.run.hasEnded || this.run.isElsewhere;
  }
}
