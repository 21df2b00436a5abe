// Where a step's time went: told span by span, and never at the price of a number.
import { beforeAll, describe, expect, it } from 'vitest';
import { phaseTotals, type PhaseSpan, type StepTrace } from '../core/stepTrace';
import { sum } from '../core/stats';
import { memory } from '../kernels/tensor';
import { testBackend } from '../testing/backend';
import { config } from '../testing/enginePage';
import { startTestBackend } from '../testing/startTestBackend';
import { createShardHelper } from '../worker/shardHelper';
import type { FromHelper, HelperPort } from '../worker/shardMessages';
import { ShardPool } from '../worker/shardPool';
import type { ShardHelpers } from './helpers';
import type { Tracing } from './stepTracer';
import { Trainer } from './trainer';

beforeAll(startTestBackend);

const { model, train } = config;
const batch = (step: number) => ({ ids: new Int32Array(4 * 17).map((_, index) => (index * 7 + step) % 60), epoch: 0 });
const text = { batch };

interface Told {
  readonly losses: number[];
  readonly traces: (StepTrace | null)[];
  readonly alive: number[];
}

/** Trains as many steps as `tracings` has, each traced so. */
async function run(tracings: readonly (Tracing | null)[], helpers?: ShardHelpers): Promise<Told> {
  const trainer = new Trainer(config, text, { helpers });
  const told: Told = { losses: [], traces: [], alive: [] };
  trainer.trace(tracings[0]!);
  try {
    for await (const event of trainer.events()) {
      // As between two shards in a worker: messages come in.
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (event.kind !== 'step') continue;
      told.losses.push(event.report.loss);
      told.traces.push(event.trace);
      told.alive.push(memory().numTensors);
      if (told.losses.length === tracings.length) return told;
      trainer.trace(tracings[told.losses.length]!);
    }
  } finally {
    trainer.dispose();
  }
  return told;
}

const real = { clock: () => performance.now(), exact: false };
/** Every look at it is one later. */
const counting = (): Tracing['clock'] => {
  let time = 0;
  return () => time++;
};
const named = ({ phase, worker, shard }: PhaseSpan): string => `${worker} ${phase} ${shard ?? '-'}`;

describe('a traced step', () => {
  it('has every phase once for the batch or once a shard, in their order, without a gap but for what comes between shards', async () => {
    const { traces } = await run([{ clock: counting(), exact: false }]);
    const trace = traces[0]!;
    const shard = (index: number) => ['forward', 'backward', 'reduce'].map((phase) => `0 ${phase} ${index}`);
    expect(trace.spans.map(named)).toEqual(['0 data -', ...shard(0), ...shard(1), '0 optimizer -', '0 readBack -']);
    // Nine spans of one tick; the clock was also read for the laps' beginning, after each of the two shards, and at the end.
    expect(trace.spans.every(({ duration }) => duration === 1)).toBe(true);
    expect(trace.duration).toBe(13);
    expect(sum(Object.values(phaseTotals(trace)))).toBe(9);
  });

  it('computes the same bits, keeps no tensor, and says nothing where nobody asked', async () => {
    const plain = await run([null, null, null, null]);
    const traced = await run([real, { ...real, exact: true }, { ...real, exact: true }, null]);
    expect(traced.losses).toEqual(plain.losses);
    expect(traced.alive).toEqual(plain.alive);
    expect(plain.traces).toEqual([null, null, null, null]);
    expect(traced.traces.map((trace) => trace?.step ?? null)).toEqual([1, 2, 3, null]);
    expect(traced.traces[1]!.exact).toBe(true);
    expect(traced.traces[0]!.exact).toBe(testBackend() !== 'webgpu');
  });

  it('puts spans of the clock one after the other, inside the step', async () => {
    for (const trace of (await run([real, real])).traces) {
      let end = 0;
      for (const { start, duration } of trace!.spans) {
        expect(start).toBeGreaterThanOrEqual(end);
        end = start + duration;
      }
      expect(end).toBeLessThanOrEqual(trace!.duration);
      expect(phaseTotals(trace!).forward).toBeGreaterThan(0);
    }
  });
});

/** A helper on the tensor library of this very test. */
function helper(): HelperPort {
  let listener: (message: FromHelper) => void = () => undefined;
  const take = createShardHelper({
    post: (message) => void setTimeout(() => listener(message)),
    wasmPath: undefined,
    clock: real.clock,
  });
  return {
    postMessage: (message) => void setTimeout(() => take(structuredClone(message))),
    onMessage: (listen) => void (listener = listen),
    onDeath: () => undefined,
    terminate: () => undefined,
  };
}

describe.runIf(testBackend() === 'wasm')('a step shared with a helper', () => {
  it('has the helper’s phases too, and the time the trainer waited', async () => {
    const pool = new ShardPool(helper);
    pool.open({ model, train, data: config.data });
    pool.resize(1);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const plain = await run([null, null]);
    const { losses, traces } = await run([real, real], pool);
    expect(losses).toEqual(plain.losses);
    for (const trace of traces) {
      const names = trace!.spans.map(named);
      expect(names.filter((name) => name.startsWith('1'))).toEqual(['1 copy -', '1 forward 1', '1 backward 1', '1 copy 1']);
      expect(names).toContain('0 forward 0');
      expect(names).toContain('0 wait 1');
      expect(names).not.toContain('0 forward 1');
      expect(trace!.spans.every(({ start, duration }) => start >= 0 && start + duration <= trace!.duration + 1e-9)).toBe(true);
    }
  });
});
