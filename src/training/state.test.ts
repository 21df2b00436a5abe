// A run that is saved and gone on with is the run that never stopped, to the bit.
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeRunState, encodeRunState, type RunState } from '../checkpoint/runState';
import { PRESETS } from '../config/presets';
import type { LiveChange, RunConfig } from '../config/trainConfig';
import { rngFor } from '../core/rng';
import { memory } from '../kernels/tensor';
import { parameterSpecs } from '../model/parameters';
import { testBackend } from '../testing/backend';
import { valueOf } from '../testing/fixtureModel';
import { startTestBackend } from '../testing/startTestBackend';
import { createShardHelper } from '../worker/shardHelper';
import type { FromHelper, HelperPort } from '../worker/shardMessages';
import { ShardPool } from '../worker/shardPool';
import type { ShardHelpers } from './helpers';
import { Trainer, type BatchSource } from './trainer';
import type { TrainerState } from './state';

beforeAll(startTestBackend);

const config: RunConfig = {
  ...PRESETS.default,
  model: {
    ...PRESETS.default.model,
    vocabSize: 40,
    hiddenSize: 16,
    intermediateSize: 16,
    moeIntermediateSize: 8,
    numHiddenLayers: 3,
    numAttentionHeads: 2,
    numKeyValueHeads: 2,
    headDim: 8,
    nRoutedExperts: 4,
    nSharedExperts: 1,
  },
  // Annealing begins in the middle: a change is then another change.
  train: {
    ...PRESETS.default.train,
    batchSize: 4,
    sequenceLength: 8,
    shards: testBackend() === 'wasm' ? 4 : 2,
    warmupSteps: 4,
    stableSteps: 26,
    decaySteps: 12,
  },
};

const text: BatchSource = {
  batch: (step) => {
    const rng = rngFor(config.train.seed, 'data', step);
    return { ids: Int32Array.from({ length: 4 * 9 }, () => rng.below(40)), epoch: step / 100 };
  },
};

/** Live changes by the step at which they are made. */
const CHANGES: Readonly<Record<number, LiveChange>> = {
  10: { balanceMode: 'proportional', weightDecay: 0.2 },
  20: { learningRate: 1e-3, sequenceLossWeight: 0 },
  28: { balanceMode: 'sign', gradientClip: 0.5 },
  35: { biasUpdateSpeed: 3e-3, learningRate: 5e-4 },
};

/** Trains on to step `until`, changing what is to be changed on the way. Messages of helpers get their turn. */
async function train(trainer: Trainer, until: number): Promise<void> {
  for await (const event of trainer.events()) {
    if (trainer.step === until && event.kind === 'step') return;
    if (event.kind === 'step' && CHANGES[trainer.step]) trainer.change(CHANGES[trainer.step]!);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

/** Through the bytes of a file and back. */
function throughFile(state: TrainerState): RunState {
  const identity = { backend: testBackend(), kernels: '', build: '0', corpus: 'c', tokenizer: 't' };
  const whole: RunState = { ...state, runId: 'a1', config, identity, historyPosition: 7 };
  const back = valueOf(decodeRunState(encodeRunState(whole, parameterSpecs), parameterSpecs));
  expect(back).toEqual(whole);
  return back;
}

const bits = ({ parameters, firstMoments, secondMoments, biases }: TrainerState): number[][] =>
  [...parameters, ...firstMoments, ...secondMoments, ...biases].map((values) => [...new Int32Array(values.buffer)]);

async function straight(steps: number): Promise<TrainerState> {
  const trainer = new Trainer(config, text);
  await train(trainer, steps);
  const state = await trainer.capture();
  trainer.dispose();
  return state;
}

/** Saved at step `at`, gone on with by another trainer. */
async function resumed(at: number, steps: number, before?: ShardHelpers, after?: ShardHelpers): Promise<TrainerState> {
  const first = new Trainer(config, text, { helpers: before });
  await train(first, at);
  const saved = throughFile(await first.capture());
  first.dispose();
  const second = new Trainer(config, text, { resume: saved, helpers: after });
  await train(second, steps);
  const state = await second.capture();
  second.dispose();
  return state;
}

describe('a run gone on with', () => {
  const [half, whole] = testBackend() === 'webgpu' ? [12, 24] : [25, 50];

  it('repeats the uninterrupted run exactly: all tensors and the log, with live changes before and after', async () => {
    const expected = await straight(whole);
    const actual = await resumed(half, whole);
    expect(actual.step).toBe(whole);
    expect(actual.changes).toEqual(expected.changes);
    expect(actual.changes.length).toBe(testBackend() === 'webgpu' ? 2 : 4);
    expect(bits(actual)).toEqual(bits(expected));
  });

  it('repeats it wherever it was saved, also between two shards and with a change made between them', async () => {
    const steps = 12;
    const made: LiveChange = { learningRate: 1e-4 };
    const alone = new Trainer(config, text);
    await train(alone, 5);
    const events = alone.events();
    for (let event = (await events.next()).value; !(event.kind === 'shard' && event.done === 1);)
      event = (await events.next()).value;
    alone.change(made);
    const saved = throughFile(await alone.capture());
    expect([saved.step, saved.changes, saved.upcoming]).toEqual([5, [], [{ step: 6, change: made }]]);
    while ((await events.next()).value.kind !== 'step');
    await train(alone, steps);
    const expected = await alone.capture();
    const second = new Trainer(config, text, { resume: saved });
    await train(second, steps);
    const actual = await second.capture();
    expect(actual.changes).toEqual(expected.changes);
    expect(bits(actual)).toEqual(bits(expected));
    alone.dispose();
    second.dispose();
  });

  it('keeps the changes of a replay that are still to come', async () => {
    const replay = [
      { step: 2, change: { learningRate: 1e-4 } },
      { step: 5, change: { balanceMode: 'none' as const } },
    ];
    const trainer = new Trainer(config, text, { replay });
    await train(trainer, 3);
    const { changes, upcoming } = await trainer.capture();
    expect([changes, upcoming]).toEqual([replay.slice(0, 1), replay.slice(1)]);
    trainer.dispose();
  });

  it('leaves no tensor behind when it is saved', async () => {
    const trainer = new Trainer(config, text);
    await train(trainer, 1);
    const { numTensors } = memory();
    await trainer.capture();
    expect(memory().numTensors).toBe(numTensors);
    trainer.dispose();
  });

  it('refuses numbers that do not fit its config, and frees what it had made of them', async () => {
    const trainer = new Trainer(config, text);
    const state = await trainer.capture();
    trainer.dispose();
    const { numTensors } = memory();
    const short = {
      ...state,
      secondMoments: state.secondMoments.map((values, index) => (index === 3 ? values.slice(1) : values)),
    };
    expect(() => new Trainer(config, text, { resume: short })).toThrow(/second moments of model\.layers\.0.*numbers, expected/);
    expect(() => new Trainer(config, text, { resume: { ...state, biases: [] } })).toThrow('biases [] for 2 layers of 4 experts');
    expect(memory().numTensors).toBe(numTensors);
  });
});

describe.runIf(testBackend() === 'wasm')('with other workers than before', () => {
  /** A pool of helpers on the tensor library of this very test, ready for the run. */
  async function pool(helpers: number): Promise<ShardPool> {
    const opened = new ShardPool((): HelperPort => {
      let listener: (message: FromHelper) => void = () => undefined;
      const take = createShardHelper({
        post: (message) => queueMicrotask(() => listener(message)),
        wasmPath: undefined,
        clock: () => performance.now(),
      });
      return {
        postMessage: (message) => void setTimeout(() => take(structuredClone(message)), 0),
        onMessage: (listen) => void (listener = listen),
        onDeath: () => undefined,
        terminate: () => undefined,
      };
    });
    opened.open(config);
    opened.resize(helpers);
    await new Promise((resolve) => setTimeout(resolve, 300));
    return opened;
  }

  it('a run saved with three workers and gone on with alone, or the other way, is the same run', async () => {
    const expected = bits(await straight(50));
    expect(bits(await resumed(25, 50, await pool(2)))).toEqual(expected);
    expect(bits(await resumed(25, 50, undefined, await pool(1)))).toEqual(expected);
    expect(bits(await resumed(25, 50, await pool(1), await pool(3)))).toEqual(expected);
  });
});
