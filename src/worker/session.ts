// Turns commands into work and events: the engine's side of the door.
import { modelSize } from '../analysis/modelSize';
import { BUILD } from '../core/build';
import type { LoggedChange, RunConfig } from '../config/trainConfig';
import { checkRunConfig } from '../config/validate';
import { err, ok, type Result } from '../core/result';
import { createBatches } from '../data/batches';
import type { Corpus } from '../data/corpus';
import { createDefaultTokenizer, DEFAULT_TOKENIZER_SHA256 } from '../data/default/defaultTokenizer';
import { loadCorpus } from '../data/loadCorpus';
import { baselines } from '../data/ngrams';
import type { Tokenizer } from '../data/tokenizer';
import { validationSets } from '../data/validation';
import { startBackend } from '../kernels/backends';
import type { EngineEnd, Handlers, RequestContext } from '../protocol/channel';
import type { EngineInfo, RunInfo } from '../protocol/commands';
import type { EngineError } from '../protocol/errors';
import { Trainer } from '../training/trainer';
import { LiveRun } from './liveRun';
import type { Platform } from './platform';
import { Questions } from './questions';
import { runName } from './runName';

/** Tokens of validation text a domain has at most: more would make validation longer than the steps between. */
const VALIDATION_TOKENS_PER_DOMAIN = 1024;

/** One for all runs: losses of different seeds are then measured on the same text. */
const VALIDATION_SEED = 1;

interface Text {
  readonly corpus: Corpus;
  readonly tokenizer: Tokenizer;
}

export class Session {
  private readonly platform: Platform;
  private readonly publish: EngineEnd['publish'];
  private readonly questions = new Questions(() => this.run?.isTraining ?? false);
  private engine: EngineInfo | null = null;
  private text: Promise<Result<Text, EngineError>> | null = null;
  private run: LiveRun | null = null;
  private prompt = '';

  constructor(platform: Platform, publish: EngineEnd['publish']) {
    this.platform = platform;
    this.publish = publish;
  }

  readonly handlers: Handlers = {
    boot: ({ backend }, context) => this.boot(backend, context),
    corpus: async (_command, context) => {
      const text = await this.loadText(context);
      return text.ok ? ok(text.value.corpus.info) : text;
    },
    createRun: ({ config, replay }, context) => this.createRun(config, replay ?? [], context),
    play: () => this.withRun((run) => (run.train(null), null)),
    pause: () => this.withRun((run) => (run.pause(), null)),
    step: ({ count }) => this.withRun((run) => (run.train(count), null)),
    change: ({ change }) => this.withRun((run) => run.change(change)),
    samplePrompt: ({ prompt }) => {
      this.prompt = prompt;
      this.run?.setPrompt(prompt);
      return ok(null);
    },
    sample: async ({ request }) => {
      if (request.model.kind !== 'live') return err({ code: 'model-unavailable', detail: request.model.kind });
      if (!this.run) return err({ code: 'no-run' });
      return ok({ text: await this.run.sample(request), model: request.model });
    },
    runLog: () => {
      const { engine } = this;
      return this.withText((corpus) =>
        this.withRun((run) => ({
          version: 1 as const,
          config: run.info.config,
          changes: run.changes,
          steps: run.step,
          identity: {
            backend: engine!.backend,
            kernels: engine!.device,
            build: BUILD,
            corpus: corpus.info.sha256,
            tokenizer: corpus.info.tokenizerSha256,
          },
        })),
      );
    },
  };

  private async boot(
    choice: Parameters<typeof startBackend>[0],
    context: RequestContext,
  ): Promise<Result<EngineInfo, EngineError>> {
    context.progress({ stage: 'loading-backend', done: 0, total: 0 });
    await this.endRun();
    const started = await startBackend(choice, {
      wasmPath: this.platform.wasmPath,
      onDeviceLost: (reason) =>
        this.publish('phase', () => ({
          phase: 'failed',
          step: this.run?.step ?? 0,
          error: { code: 'device-lost', detail: reason },
        })),
      onDeviceError: (message) =>
        this.publish('phase', () => ({
          phase: 'failed',
          step: this.run?.step ?? 0,
          error: { code: 'internal', detail: message },
        })),
    });
    if (!started.ok) {
      return err({
        code: 'backend-unavailable',
        detail: started.error.map(({ backend, detail }) => `${backend}: ${detail}`).join('; '),
      });
    }
    this.engine = started.value;
    return ok(started.value);
  }

  private async createRun(
    config: RunConfig,
    replay: readonly LoggedChange[],
    context: RequestContext,
  ): Promise<Result<RunInfo, EngineError>> {
    const faults = checkRunConfig(config);
    if (faults.length > 0) return err({ code: 'invalid-config', fields: faults });
    if (!this.engine) return err({ code: 'backend-unavailable', detail: 'no backend was started' });
    await this.endRun();
    this.publish('phase', () => ({ phase: 'preparing' }));
    const prepared = await this.prepare(config, replay, context);
    if (!prepared.ok) {
      this.publish('phase', () => ({ phase: 'none' }));
      return prepared;
    }
    this.run = prepared.value;
    this.run.setPrompt(this.prompt);
    return ok(prepared.value.info);
  }

  private async prepare(
    config: RunConfig,
    replay: readonly LoggedChange[],
    context: RequestContext,
  ): Promise<Result<LiveRun, EngineError>> {
    const text = await this.loadText(context);
    if (!text.ok) return text;
    const { corpus, tokenizer } = text.value;
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
    context.progress({ stage: 'counting', done: 0, total: 0 });
    await this.platform.breathe();
    const lines = baselines(corpus, config.data, validation);
    context.progress({ stage: 'allocating', done: 0, total: 0 });
    await this.platform.breathe();
    if (context.signal.aborted) return err({ code: 'cancelled' });
    const runId = this.platform.freshId();
    const info: RunInfo = {
      runId,
      name: runName(runId),
      config,
      size: modelSize(config.model),
      epochTokens: batches.value.epochTokens,
      baselines: lines,
      domains: validation.map(({ domain }) => domain),
    };
    const { platform, questions, publish } = this;
    const trainer = new Trainer(config, batches.value, replay);
    return ok(new LiveRun({ info, trainer, tokenizer, validation, platform, questions, publish }));
  }

  /** Loads corpus and tokenizer once; a failed or cancelled load is tried again the next time. */
  private loadText(context: RequestContext): Promise<Result<Text, EngineError>> {
    this.text ??= this.readText(context).then((text) => {
      if (!text.ok) this.text = null;
      return text;
    });
    return this.text;
  }

  private async readText({ progress, signal }: RequestContext): Promise<Result<Text, EngineError>> {
    const corpus = await loadCorpus({
      readAsset: (path) => this.platform.readAsset(path),
      tokenizerSha256: DEFAULT_TOKENIZER_SHA256,
      onProgress: (done, total) => progress({ stage: 'loading-corpus', done, total }),
      signal,
    });
    return corpus.ok ? ok({ corpus: corpus.value, tokenizer: createDefaultTokenizer() }) : corpus;
  }

  private async endRun(): Promise<void> {
    const { run } = this;
    this.run = null;
    await run?.end();
  }

  private withRun<T>(use: (run: LiveRun) => T): Result<T, EngineError> {
    return this.run ? ok(use(this.run)) : err({ code: 'no-run' });
  }

  private async withText<T>(use: (corpus: Corpus) => Result<T, EngineError>): Promise<Result<T, EngineError>> {
    const text = await this.text;
    return text?.ok ? use(text.value.corpus) : err({ code: 'no-run' });
  }
}
