// An engine that computes nothing: it speaks the protocol and invents plausible figures, so that stores and views can be tested
// without a tensor library. Tests only; the product never imports it.
import { moeLayerCount } from '../config/modelConfig';
import { PRESETS } from '../config/presets';
import { AUTOMATIC_SHARDS } from '../config/shards';
import type { RunConfig } from '../config/trainConfig';
import { modelSize } from '../analysis/modelSize';
import { err, ok } from '../core/result';
import { rngFor } from '../core/rng';
import { createEngineEnd, type EngineEnd, type Port } from '../protocol/channel';
import type { BackendName, EngineInfo, RunInfo } from '../protocol/commands';
import type { EngineError } from '../protocol/errors';
import type { KeptRun } from '../protocol/kept';
import { fakeDesk } from './fakeDesk';
import { batchOf, DOMAINS, routingOf, validationOf, type FakeRun } from './fakeFigures';
import type { RunPhase, StepScalars, Topics } from '../protocol/events';

export interface FakeEngineOptions {
  /** Milliseconds between two steps. */
  readonly stepMs?: number;
  /** Milliseconds that booting and preparing take. */
  readonly delayMs?: number;
  readonly info?: Partial<EngineInfo>;
  /** Fails with a non-finite loss at this step. */
  readonly failAt?: number;
  readonly bootError?: EngineError;
  /** Runs the browser keeps. */
  readonly kept?: readonly KeptRun[];
}

const AVAILABLE: readonly BackendName[] = ['wasm', 'webgpu-software', 'cpu'];

const wait = (ms: number, signal?: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve(false);
    });
  });

/** Answers on `port` as an engine would. */
export function createFakeEngine(port: Port, options: FakeEngineOptions = {}): void {
  const { stepMs = 5, delayMs = 0, failAt = Infinity } = options;
  let run: FakeRun | null = null;
  let training: { until: number | null } | null = null;
  let prompt = '';
  let runs = 0;
  const setPhase = (phase: RunPhase): void => end.publish('phase', () => phase);

  const loop = async (until: number | null): Promise<void> => {
    const mine = { until };
    training = mine;
    setPhase({ phase: 'training', step: run?.step ?? 0, until });
    while (training === mine && run && (until === null || run.step < until)) {
      await wait(stepMs);
      if (training !== mine || !run) return;
      run.step++;
      if (run.step === failAt) {
        training = null;
        return setPhase({
          phase: 'failed',
          step: run.step - 1,
          error: { code: 'non-finite-step', detail: `loss at step ${run.step}` },
          goesOn: true,
        });
      }
      publishStep(end, run, stepMs, prompt);
      setPhase({ phase: 'training', step: run.step, until });
    }
    if (training === mine) {
      training = null;
      setPhase({ phase: 'paused', step: run?.step ?? 0 });
    }
  };

  const end = createEngineEnd(port, {
    boot: async ({ backend }, { progress, signal }) => {
      if (options.bootError) return err(options.bootError);
      progress({ stage: 'loading-backend', done: 0, total: 0 });
      if (!(await wait(delayMs, signal))) return err({ code: 'cancelled' });
      const chosen = backend === 'auto' ? 'wasm' : backend;
      return ok({
        backend: chosen,
        reason: backend === 'auto' ? 'no-hardware-adapter' : 'chosen',
        device: '',
        failures: [],
        available: AVAILABLE,
        ...options.info,
      });
    },
    corpus: () =>
      ok({
        variant: 'small',
        sha256: '0',
        tokenizerSha256: '0',
        vocabSize: 2048,
        domains: DOMAINS,
        sources: [],
        bytes: { zh: 2e6, en: 2e6, none: 1e6 },
        tokens: { zh: 7e5, en: 7e5, none: 3e5 },
        validationDocuments: 100,
        trainingDocuments: 2000,
      }),
    workers: () => ok(null),
    traceSteps: () => ok(null),
    plantFault: () => new Promise(() => undefined),
    warmUp: () => ok(null),
    createRun: async ({ config }, { progress, signal }) => {
      training = null;
      setPhase({ phase: 'preparing' });
      for (let done = 0; done < 10; done++) {
        progress({ stage: 'tokenizing', done: done * 400_000, total: 4_000_000 });
        if (!(await wait(delayMs / 10, signal))) return err({ code: 'cancelled' });
      }
      // A number that is left to the engine is chosen by it.
      const shards = config.train.shards === AUTOMATIC_SHARDS ? 4 : config.train.shards;
      const info = runInfoOf({ ...config, train: { ...config.train, shards } }, ++runs);
      run = { info, train: config.train, step: 0, bias: biasOf(config) };
      setPhase({ phase: 'paused', step: 0 });
      return ok(info);
    },
    play: () => {
      if (!run) return err({ code: 'no-run' });
      void loop(null);
      return ok(null);
    },
    pause: () => {
      training = null;
      if (run) setPhase({ phase: 'paused', step: run.step });
      return ok(null);
    },
    step: ({ count }) => {
      if (!run) return err({ code: 'no-run' });
      void loop(run.step + count);
      return ok(null);
    },
    change: ({ change }) => {
      if (!run) return err({ code: 'no-run' });
      run.train = { ...run.train, ...change };
      return ok({ step: run.step, change });
    },
    samplePrompt: (command) => {
      prompt = command.prompt;
      return ok(null);
    },
    sample: ({ request }) => ok({ text: `${request.prompt} the sea was still`, model: request.model }),
    ...fakeDesk(options.kept ?? [], {
      run: () => run,
      adopt: (kept, history) => {
        const info = { ...runInfoOf(PRESETS.default, ++runs), runId: kept.runId, name: kept.name };
        run = { info, train: info.config.train, step: kept.step, bias: biasOf(info.config) };
        setPhase({ phase: 'paused', step: kept.step });
        return { info, step: kept.step, config: info.config, changes: [], history, differs: ['backend'], passedOver: null };
      },
    }),
    // It has no model to ask.
    trace: () => err({ code: 'no-run' }),
    attention: () => err({ code: 'no-run' }),
    routes: () => err({ code: 'no-run' }),
    generate: () => err({ code: 'no-run' }),
    sweep: () => err({ code: 'no-run' }),
    shelf: () => err({ code: 'model-unavailable', detail: 'none' }),
    keepSnapshots: () => ok(null),
    takeSnapshot: () => (run ? ok(null) : err({ code: 'no-run' })),
    runSnapshots: () => err({ code: 'model-unavailable', detail: 'none' }),
    stepBack: () => err({ code: 'no-run' }),
    momentConfig: () => err({ code: 'no-run' }),
    momentRoutes: () => err({ code: 'no-run' }),
    drift: () => err({ code: 'no-run' }),
    branchRun: () => err({ code: 'no-run' }),
    storageRoom: () => ok({ place: 'files', usage: 1e6, quota: 1e9, isPersisted: false }),
    exportModel: () => err({ code: 'no-run' }),
    importModel: () => err({ code: 'checkpoint-unreadable', detail: 'nothing is read here' }),
    measureModel: () => err({ code: 'no-run' }),
    runLog: () => {
      if (!run) return err({ code: 'no-run' });
      return ok({
        version: 1,
        config: run.info.config,
        changes: [],
        steps: run.step,
        identity: { backend: 'wasm', kernels: 'fake', build: 'test', corpus: '0', tokenizer: '0' },
      });
    },
  });
}

const biasOf = ({ model }: RunConfig): Float32Array => new Float32Array(moeLayerCount(model) * model.nRoutedExperts);

function runInfoOf(config: RunConfig, number: number): RunInfo {
  return {
    runId: `run-${number}`,
    name: ['calm otter', 'bright cedar', 'quiet harbour'][number % 3]!,
    config,
    size: modelSize(config.model),
    epochTokens: 1_400_000,
    domains: DOMAINS,
  };
}

function publishStep(end: EngineEnd, run: FakeRun, stepMs: number, prompt: string): void {
  const { info, train, step } = run;
  const { runId } = info;
  const rng = rngFor(train.seed, 'data', step);
  const tokens = train.batchSize * train.sequenceLength;
  const loss = 3.6 + 4 * Math.exp(-step / 120) + 0.08 * rng.normal();
  const gradientNorm = 0.6 + 1.8 * Math.exp(-step / 60) + 0.15 * Math.abs(rng.normal());
  const scalars: StepScalars = {
    step,
    loss,
    gradientNorm,
    clipped: train.gradientClip > 0 && gradientNorm > train.gradientClip,
    learningRate: train.learningRate * Math.min(1, step / Math.max(1, train.warmupSteps)),
    tokensSeen: step * tokens,
    epoch: (step * tokens) / info.epochTokens,
    stepMs,
    workers: 1,
    maxAttentionLogit: 3 + 2 * (1 - Math.exp(-step / 100)) + 0.2 * rng.normal(),
    balanceLoss: 0,
  };
  const routing = routingOf(run, rng, tokens);
  const validationLoad = routing?.load.slice() ?? new Float32Array();
  end.publish('steps', (waiting): Topics['steps'] => ({
    runId,
    scalars: [...(waiting?.runId === runId ? waiting.scalars : []), scalars].slice(-512),
    routing: [...(waiting?.runId === runId ? waiting.routing : []), ...(routing ? [routing] : [])].slice(-512),
  }));
  const baselines = { uniform: Math.log(info.config.model.vocabSize), unigram: 6.2, unigramCross: 6.3, bigram: 4.6 };
  if (step === 1) end.publish('baselines', () => ({ runId, baselines }));
  if (routing) end.publish('batch', () => ({ runId, window: batchOf(run, rng, routing) }));
  if (train.validationEvery > 0 && step % train.validationEvery === 0) {
    const result = validationOf(step, loss, validationLoad);
    end.publish('validation', (waiting) => ({ runId, results: [...(waiting?.runId === runId ? waiting.results : []), result] }));
  }
  if (train.sampleEvery > 0 && step % train.sampleEvery === 0) {
    const sample = { step, prompt, text: `${prompt}春天来了，the sea was ${step} miles wide` };
    end.publish('samples', (waiting) => ({ runId, results: [...(waiting?.runId === runId ? waiting.results : []), sample] }));
  }
}
