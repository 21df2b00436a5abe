// Turns commands into work and events: the engine's side of the door.
import { BUILD } from '../core/build';
import { DEFAULT_SNAPSHOTS } from '../config/snapshotSettings';
import type { RunConfig } from '../config/trainConfig';
import { checkRunConfig, parseLiveChange } from '../config/validate';
import { err, ok, type Result } from '../core/result';
import { loseDevice, startBackend } from '../kernels/backends';
import type { EngineEnd, Handlers, RequestContext } from '../protocol/channel';
import type { BackendChoice, EngineInfo, RunInfo, RunLog, StepTracing } from '../protocol/commands';
import type { EngineError } from '../protocol/errors';
import { createExchange, type ExchangeRoom } from './exchange/exchange';
import { failureOf } from './failure';
import { Faults, type FaultWays } from './faults';
import { Archive, type RunPlace } from './keeping/archive';
import { createAlbum, type AlbumRoom } from './keeping/album';
import { createDesk, holderOf } from './keeping/desk';
import type { LiveLadder } from './keeping/momentFile';
import { createTimeTravel, type TravelRoom } from './keeping/timeTravel';
import { createLab, type LabRoom } from './lab/lab';
import { createLookBack, type LookBackRoom } from './lookBack';
import type { LiveRun } from './liveRun';
import { Models } from './models';
import type { Platform } from './platform';
import { memoryShortage } from '../training/memoryShortage';
import { withShards } from '../training/shardCount';
import { automaticWorkers, MAX_WORKERS, ShardPool } from './shardPool';
import { Questions } from './questions';
import { compile, compileQuestions, warm } from './rehearse';
import { makeRun, type Beginning } from './runMaking';
import { sampleReply } from './sampling';
import { STEP_TRACINGS } from './stepTimes';
import { TextLoader } from './textLoader';
import { Turns } from './turns';

export class Session {
  private readonly platform: Platform;
  private readonly models: Models;
  private readonly counter: TravelRoom & AlbumRoom & ExchangeRoom & LabRoom & LookBackRoom;
  private readonly publish: EngineEnd['publish'];
  private readonly questions = new Questions(() => this.run?.isTraining ?? false);
  private readonly turns = new Turns();
  private readonly faults: Faults;
  private readonly text: TextLoader;
  private readonly pool: ShardPool;
  /** Workers asked for; 0: as suits the machine. */
  private workers = 0;
  private engine: EngineInfo | null = null;
  /** Set while the device is gone and no other was started. */
  private lost: EngineError | null = null;
  private run: LiveRun | null = null;
  private prompt = '';
  private stepTracing: StepTracing = 'off';

  readonly handlers: Handlers;

  /** @param place where runs are kept */
  constructor(platform: Platform & Pick<FaultWays, 'end'>, publish: EngineEnd['publish'], place: RunPlace) {
    this.platform = platform;
    this.publish = publish;
    this.faults = new Faults({ loseDevice, end: (how) => platform.end(how) });
    this.pool = new ShardPool(() => platform.spawnHelper());
    this.text = new TextLoader((path, signal) => platform.readAsset(path, signal));
    const archive = new Archive(place, (step) => this.faults.reach('saving', step));
    const isReady = (): boolean => this.engine !== null;
    const run = (): LiveRun | null => this.run;
    const live = (): LiveLadder | null => this.run?.parts.keeper.about ?? null;
    this.models = new Models({ platform, archive, questions: this.questions, run, live, isReady });
    this.counter = {
      archive,
      reach: this.faults.reach,
      turns: this.turns,
      imports: this.models.imports,
      isReady,
      run,
      live,
      subject: (model, signal) => this.models.subject(model, signal),
      weights: (model, signal) => this.models.weights(model, signal),
      questions: this.questions,
      snapshots: DEFAULT_SNAPSHOTS,
      lost: () => this.lost,
      identity: () => this.identity(),
      text: (context) => this.text.get(context),
      freshId: () => platform.freshId(),
      breathe: () => platform.breathe(),
      createRun: (config, beginning, context) => this.createRun(config, beginning, context),
      endRun: () => this.endRun(),
    };
    this.handlers = { ...this.own, ...this.counters() };
  }

  private counters() {
    const { counter } = this;
    return {
      ...createDesk(counter),
      ...createAlbum(counter),
      ...createTimeTravel(counter),
      ...createLab(counter),
      ...createLookBack(counter),
      ...createExchange(counter),
    };
  }

  private readonly own: Omit<Handlers, keyof ReturnType<Session['counters']>> = {
    boot: ({ backend }, context) => this.turns.take(context.signal, () => this.boot(backend, context)),
    corpus: async (_command, context) => {
      const text = await this.text.get(context);
      return text.ok ? ok(text.value.corpus.info) : text;
    },
    workers: ({ count }) => {
      if (!Number.isInteger(count) || count < 0 || count > MAX_WORKERS)
        return err({ code: 'internal', detail: `${count} workers; 0 to ${MAX_WORKERS} can be asked for` });
      this.workers = count;
      if (this.run) this.fitPool(this.run.info.config);
      return ok(null);
    },
    warmUp: ({ config }, context) => this.turns.take(context.signal, (signal) => this.warmUp(config, { ...context, signal })),
    createRun: ({ config, replay }, context) =>
      this.turns.take(context.signal, (signal) => this.createRun(config, { replay }, { ...context, signal })),
    play: () => this.withRun((run) => ok((run.train(null), null))),
    pause: () => this.withRun((run) => ok((run.pause(), null))),
    step: ({ count }) => this.withRun((run) => ok((run.train(count), null))),
    change: ({ change }) =>
      this.withRun((run) => {
        const parsed = parseLiveChange(change);
        return parsed.ok ? ok(run.change(parsed.value)) : err({ code: 'invalid-config', fields: parsed.error });
      }),
    samplePrompt: ({ prompt }) => {
      this.prompt = prompt;
      this.run?.setPrompt(prompt);
      return ok(null);
    },
    sample: ({ request }, { signal }) => sampleReply(this.run, () => this.lost, request, signal),
    traceSteps: ({ mode }) => {
      if (!STEP_TRACINGS.includes(mode))
        return err({ code: 'internal', detail: `step tracing ${String(mode)}; it can be ${STEP_TRACINGS.join(', ')}` });
      this.stepTracing = mode;
      this.run?.traceSteps(mode);
      return ok(null);
    },
    shelf: (_command, { signal }) => this.models.shelf.manifest(signal),
    plantFault: async ({ plan }) => {
      await this.faults.plant(plan);
      return ok(null);
    },
    runLog: () =>
      this.withRun((run) => {
        const identity = this.identity();
        if (!identity) return err({ code: 'no-run' });
        const { config, parent } = run.info;
        const { changes, step: steps } = run;
        return ok({ version: 1 as const, config, ...(parent && { parent }), changes, steps, identity });
      }),
  };

  private async boot(choice: BackendChoice, { progress }: RequestContext): Promise<Result<EngineInfo, EngineError>> {
    progress({ stage: 'loading-backend', done: 0, total: 0 });
    await this.endRun();
    if (!this.lost) this.models.close();
    this.publish('phase', () => ({ phase: 'none' }));
    this.engine = null;
    const started = await startBackend(choice, {
      wasmPath: this.platform.wasmPath,
      onDeviceLost: (reason) => this.loseDevice({ code: 'device-lost', detail: reason }),
      onDeviceError: (detail, isOutOfMemory) => this.refuseWork({ code: isOutOfMemory ? 'out-of-memory' : 'internal', detail }),
    });
    if (!started.ok) {
      return err({
        code: 'backend-unavailable',
        detail: started.error.map(({ backend, detail }) => `${backend}: ${detail}`).join('; '),
      });
    }
    this.lost = null;
    this.engine = started.value;
    return ok(started.value);
  }

  private async warmUp(config: RunConfig, context: RequestContext): Promise<Result<null, EngineError>> {
    const faults = checkRunConfig(config);
    if (faults.length > 0) return err({ code: 'invalid-config', fields: faults });
    if (this.lost) return err(this.lost);
    if (!this.engine) return err({ code: 'backend-unavailable', detail: 'no backend was started' });
    // Plain JavaScript has nothing to compile, and a run has warmed what it uses.
    const settled = withShards(config);
    if (this.run || this.engine.backend === 'cpu' || memoryShortage(settled)) return ok(null);
    this.openPool(settled);
    try {
      await warm(settled, context, () => this.platform.breathe());
      // Nobody waits for these, and whoever makes a run or starts another backend ends them.
      void compileQuestions(settled, context.signal).catch(() => undefined);
      return ok(null);
    } catch (thrown) {
      if (context.signal.aborted) return err({ code: 'cancelled' });
      return err(this.lost ?? failureOf(thrown));
    }
  }

  /** As many helpers as the setting and the run's shards allow. */
  private fitPool({ train }: RunConfig): void {
    const wanted = this.workers || automaticWorkers(this.platform.cores);
    this.pool.resize(this.engine?.backend === 'wasm' ? Math.min(wanted, train.shards) - 1 : 0);
  }

  private openPool(config: RunConfig): void {
    this.pool.open(config);
    this.fitPool(config);
  }

  private loseDevice(error: EngineError): void {
    this.lost = error;
    this.models.forget();
    if (this.run) this.run.abandon(error);
    else this.publish('phase', () => ({ phase: 'failed', step: 0, error, goesOn: false }));
  }

  /** The device did not do something that a run may rest on. */
  private refuseWork(error: EngineError): void {
    if (this.run) this.run.spoil(error);
    else this.publish('phase', () => ({ phase: 'failed', step: 0, error, goesOn: true }));
  }

  private async createRun(
    config: RunConfig,
    beginning: Beginning,
    context: RequestContext,
  ): Promise<Result<RunInfo, EngineError>> {
    const faults = [
      ...checkRunConfig(config),
      ...(beginning.replay ?? []).flatMap(({ change }) => {
        const parsed = parseLiveChange(change);
        return parsed.ok ? [] : parsed.error;
      }),
    ];
    if (faults.length > 0) return err({ code: 'invalid-config', fields: faults });
    if (this.lost && this.engine) await this.replaceDevice(this.engine, context);
    if (this.lost) return err(this.lost);
    if (!this.engine) return err({ code: 'backend-unavailable', detail: 'no backend was started' });
    const settled = withShards(config);
    const shortage = memoryShortage(settled);
    if (shortage) return err({ code: 'out-of-memory', detail: shortage });
    await this.endRun();
    this.models.closeMoment();
    this.publish('phase', () => ({ phase: 'preparing' }));
    const prepared = await this.prepare(settled, beginning, context).catch((thrown: unknown) => err(failureOf(thrown)));
    if (!prepared.ok) {
      this.publish('phase', () => ({ phase: 'none' }));
      return prepared;
    }
    this.run = prepared.value;
    this.run.setPrompt(this.prompt);
    this.run.traceSteps(this.stepTracing);
    return ok(prepared.value.info);
  }

  /** Starts a lost device's own backend anew; another one must be asked for, because its numbers would differ. */
  private async replaceDevice(before: EngineInfo, context: RequestContext): Promise<void> {
    const { lost } = this;
    await this.boot(before.backend, context);
    if (this.engine?.backend === before.backend) return;
    this.engine = before;
    this.lost = lost;
  }

  private async prepare(config: RunConfig, beginning: Beginning, context: RequestContext): Promise<Result<LiveRun, EngineError>> {
    const text = await this.text.get(context);
    if (!text.ok) return text;
    await this.platform.breathe(); // a newer request may be waiting, and ends this one below
    const identity = this.identity();
    if (!identity) return err({ code: 'backend-unavailable', detail: 'no backend was started' });
    const { platform, questions, publish, pool, counter, faults } = this;
    const made = await makeRun(config, beginning, {
      text: text.value,
      identity,
      platform,
      questions,
      publish,
      pool,
      reach: faults.reach,
      archive: counter.archive,
      snapshots: () => counter.snapshots,
      holderOf: (runId) => holderOf(counter, runId),
      beforeAllocating: async () => {
        await compile(config, context);
        context.progress({ stage: 'allocating', done: 0, total: 0 });
        await platform.breathe();
        return context.signal.aborted ? { code: 'cancelled' } : this.lost;
      },
    });
    if (made.ok) this.openPool(config);
    return made;
  }

  /** What decides the bits of a run here; null before there is a backend and a text. */
  private identity(): RunLog['identity'] | null {
    const { engine, text } = this;
    if (!engine || !text.loaded) return null;
    const { sha256: corpus, tokenizerSha256: tokenizer } = text.loaded.corpus.info;
    return { backend: engine.backend, kernels: engine.device, build: BUILD, corpus, tokenizer };
  }

  private async endRun(): Promise<void> {
    const { run } = this;
    this.run = null;
    await run?.end();
  }

  private withRun<T>(use: (run: LiveRun) => Result<T, EngineError>): Result<T, EngineError> {
    if (this.lost) return err(this.lost);
    return this.run ? use(this.run) : err({ code: 'no-run' });
  }
}
