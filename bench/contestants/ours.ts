// This repository's trainer as a contestant: what the page runs, without the page.
import { phaseTotals, type StepTrace } from '../../src/core/stepTrace';
import { startBackend } from '../../src/kernels/backends';
import { expertsOperation } from '../../src/kernels/experts/experts';
import { memory } from '../../src/kernels/tensor';
import { Trainer, type TrainEvent } from '../../src/training/trainer';
import { compile } from '../../src/worker/rehearse';
import { sharedClock } from '../../src/worker/sharedClock';
import { ShardPool } from '../../src/worker/shardPool';
import type { HelperPort } from '../../src/worker/shardMessages';
import { syntheticText } from '../workloads';
import { FIRST_LOSSES, isWarm, type Contestant, type ContestantSpec, type StepParts, type StepTime } from './contestant';
import { wideExperts } from './wideExperts';

/** Definitions may take many seconds a step. */
const SLOW_WARM_STEPS = 2;
/** Long enough for a helper to compile and rehearse on a busy machine. */
const MOST_WAITS = 1200;
const WAIT_MS = 50;

export interface OursPlatform {
  /** Starts a helper's worker. */
  readonly spawn: () => HelperPort | null;
  readonly wasmPath: string | undefined;
}

interface Step extends StepTime {
  readonly loss: number;
  readonly workers: number;
}

export function createOurs(spec: ContestantSpec, { spawn, wasmPath }: OursPlatform): Contestant {
  const { run, backend, workers = 1, variant = 'fast' } = spec;
  const slow = variant === 'definition' || variant === 'composed';
  let events: AsyncGenerator<TrainEvent, never>;

  const step = async (): Promise<Step> => {
    const begun = performance.now();
    let passes = 0;
    for (;;) {
      const { value: event } = await events.next();
      const elapsed = performance.now() - begun;
      if (event.kind === 'shard') passes = elapsed;
      else {
        if (!event.report.finite) throw new Error(`step ${event.step} is not finite`);
        return { step: elapsed, passes, parts: partsOf(event.trace), loss: event.report.loss, workers: event.workers };
      }
    }
  };

  return {
    async start() {
      if (backend === 'webgl') throw new Error('ours has no path for WebGL');
      const started = await startBackend(backend, { wasmPath, onDeviceLost: fail, onDeviceError: fail });
      if (!started.ok || started.value.backend !== backend) throw new Error(`no ${backend}: ${JSON.stringify(started)}`);
      if (variant === 'definition') expertsOperation.setPath('wasm', expertsOperation.definition);
      if (variant === 'composed') (await import('./composed')).composeOn(backend === 'wasm' ? 'wasm' : 'webgpu');
      if (variant === 'wide') expertsOperation.setPath('wasm', wideExperts());
      const pool = new ShardPool(spawn);
      if (workers > 1) {
        pool.resize(workers - 1);
        pool.open(run);
      }
      const preparing = performance.now();
      await compile(run, { progress: () => undefined, signal: new AbortController().signal });
      const compiledMs = performance.now() - preparing;
      const trainer = new Trainer(run, syntheticText(run), { helpers: pool });
      // Never waiting for the device: the table tells the phases only where they are exact anyway.
      trainer.trace({ clock: sharedClock, exact: false });
      events = trainer.events();
      const losses: number[] = [];
      let firstStepMs = 0;
      const begun = performance.now();
      for (let done = 0, waits = 0; ; done++) {
        const { step: ms, loss, workers: had } = await step();
        if (done === 0) firstStepMs = compiledMs + ms;
        if (losses.length < FIRST_LOSSES) losses.push(loss);
        if (had < workers) {
          if (waits++ === MOST_WAITS) throw new Error(`only ${had} of ${workers} workers came`);
          await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
        } else if (slow ? done + 1 >= SLOW_WARM_STEPS : isWarm(done + 1, begun)) return { losses, firstStepMs };
      }
    },
    async time(steps) {
      const times: StepTime[] = [];
      for (let done = 0; done < steps; done++) {
        const { step: whole, passes, parts, workers: had } = await step();
        if (had !== workers) throw new Error(`${had} of ${workers} workers computed`);
        times.push({ step: whole, passes, parts });
        // Messages of helpers come between steps, as they do in the page.
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      return { times, tensors: memory().numTensors };
    },
  };
}

/** Null where the device works on its own time. */
function partsOf(trace: StepTrace | null): StepParts | null {
  if (!trace?.exact) return null;
  const { forward, backward, optimizer } = phaseTotals(trace);
  return { forward, backward, optimizer };
}

function fail(detail: string): void {
  throw new Error(detail);
}
