// Whole training steps against the reference trajectories of fixtures/, and the laws of a run.
import { beforeAll, describe, expect, it } from 'vitest';
import type { ModelConfig } from '../config/modelConfig';
import { PRESETS } from '../config/presets';
import type { RunConfig, TrainConfig } from '../config/trainConfig';
import { rngFor } from '../core/rng';
import { floatTensor, memory, read } from '../kernels/tensor';
import { parameterSpecs } from '../model/parameters';
import { followTrajectory } from '../testing/fixtureTrajectory';
import { startTestBackend } from '../testing/startTestBackend';
import { TOLERANCES } from '../testing/tolerances';
import { Trainer, type BatchSource, type TrainEvent } from './trainer';

type StepEvent = Extract<TrainEvent, { kind: 'step' }>;

beforeAll(startTestBackend);

const constantRate = { warmupSteps: 0, stableSteps: 1e9, decaySteps: 1, finalLearningRate: 0, sequenceLossWeight: 0 };

/** The next `count` finished steps. */
async function steps(trainer: Trainer, count: number): Promise<StepEvent[]> {
  const finished: StepEvent[] = [];
  for await (const event of trainer.events()) {
    if (event.kind === 'step') finished.push(event);
    if (finished.length === count) break;
  }
  return finished;
}

const tinyModel: ModelConfig = {
  ...PRESETS.default.model,
  vocabSize: 60,
  hiddenSize: 16,
  intermediateSize: 24,
  moeIntermediateSize: 8,
  numHiddenLayers: 2,
  numAttentionHeads: 2,
  numKeyValueHeads: 1,
  headDim: 8,
  nRoutedExperts: 6,
  nSharedExperts: 1,
  numExpertsPerTok: 2,
  initializerRange: 0.1,
};

function tinyRun(train: Partial<TrainConfig> = {}, model: Partial<ModelConfig> = {}): RunConfig {
  return {
    ...PRESETS.default,
    model: { ...tinyModel, ...model },
    train: {
      ...PRESETS.default.train,
      ...constantRate,
      batchSize: 4,
      sequenceLength: 12,
      shards: 2,
      biasUpdateSpeed: 0.01,
      ...train,
    },
  };
}

/** Text that can be learned: each token follows from the one before. */
function countingText({ train, model }: RunConfig): BatchSource {
  return {
    batch: (step) => {
      const rng = rngFor(train.seed, 'data', step);
      const ids = new Int32Array(train.batchSize * (train.sequenceLength + 1));
      for (let b = 0; b < train.batchSize; b++) {
        const start = rng.below(model.vocabSize);
        for (let t = 0; t <= train.sequenceLength; t++)
          ids[b * (train.sequenceLength + 1) + t] = (start + 7 * t) % model.vocabSize;
      }
      return { ids, epoch: 0 };
    },
  };
}

for (const name of ['tiny-a', 'tiny-b']) {
  describe(`the trajectory of ${name}`, () => {
    it('is repeated: loss, gradient norm, load and MaxVio of each step, and the weights after the last', async () => {
      const { steps: followed, weights, biases } = await followTrajectory(name);
      for (const [step, { lossError, normError, movedLoad, load, isClearCut, maxVioError }] of followed.entries()) {
        expect(lossError, `loss of step ${step}`).toBeLessThan(TOLERANCES.loss);
        expect(normError, `gradient norm of step ${step}`).toBeLessThan(TOLERANCES.norm);
        expect(movedLoad, `load of step ${step}`).toBeLessThanOrEqual(isClearCut ? 0 : TOLERANCES.movedLoad * load);
        if (isClearCut) expect(maxVioError, `MaxVio of step ${step}`).toBeLessThan(TOLERANCES.maxVio);
      }
      expect(weights.farthest).toBeLessThan(weights.bound);
      expect(weights.farShare).toBeLessThan(TOLERANCES.farWeights);
      for (const [layer, share] of biases.entries())
        expect(share, `biases of MoE layer ${layer}`).toBeGreaterThan(TOLERANCES.biases);
    });
  });
}

describe('a run', () => {
  it('learns', async () => {
    const config = tinyRun({ learningRate: 1e-2 });
    const finished = await steps(new Trainer(config, countingText(config)), 40);
    expect(finished[0]!.report.loss).toBeGreaterThan(3.8);
    expect(finished.at(-1)!.report.loss).toBeLessThan(0.7 * finished[0]!.report.loss);
  });

  it('repeats itself bit for bit from the same seed, and differs from another', async () => {
    const losses = async (seed: number) => {
      const config = tinyRun({ seed });
      return (await steps(new Trainer(config, countingText(config)), 5)).map(({ report }) => report.loss);
    };
    const first = await losses(3);
    expect(await losses(3)).toEqual(first);
    expect(await losses(4)).not.toEqual(first);
  });

  it('repeats itself bit for bit from its config and the log of its live changes', async () => {
    const config = tinyRun();
    const trainer = new Trainer(config, countingText(config));
    const before = await steps(trainer, 2);
    trainer.change({ learningRate: 2e-2, balanceMode: 'recentred' });
    const between = await steps(trainer, 2);
    trainer.change({ balanceMode: 'none', weightDecay: 0, gradientClip: 0.5 });
    const after = await steps(trainer, 2);
    const replayed = await steps(new Trainer(config, countingText(config), { replay: trainer.changes }), 6);
    expect(replayed.map(({ report }) => report.loss)).toEqual([...before, ...between, ...after].map(({ report }) => report.loss));
    expect(replayed.at(-1)!.report.load).toEqual(after.at(-1)!.report.load);
  });

  it('logs a change made within a step for the step after it', async () => {
    const config = tinyRun();
    const trainer = new Trainer(config, countingText(config));
    const events = trainer.events();
    await events.next();
    expect(trainer.change({ learningRate: 1 }).step).toBe(1);
  });

  it('has the same gradient in any number of shards, up to rounding', async () => {
    const norm = async (shards: number) => {
      const config = tinyRun({ shards });
      return (await steps(new Trainer(config, countingText(config)), 1))[0]!.report.gradientNorm;
    };
    expect(Math.abs((await norm(4)) / (await norm(1)) - 1)).toBeLessThan(1e-4);
  });

  it('answers a load with the next step’s bias: a busy expert loses bias, an idle one gains it', async () => {
    const config = tinyRun();
    const [first, second] = await steps(new Trainer(config, countingText(config)), 2);
    const fairShare =
      (config.train.batchSize * config.train.sequenceLength * config.model.numExpertsPerTok) / config.model.nRoutedExperts;
    expect([...first!.report.bias]).toEqual(Array(first!.report.bias.length).fill(0));
    const expected = [...first!.report.load].map((load) => Math.fround(0.01 * Math.sign(fairShare - load)));
    expect([...first!.report.biasUpdate]).toEqual(expected);
    expect([...second!.report.bias]).toEqual(expected);
  });

  it('chooses by the bare scores in mode none, and by the kept bias when balance returns', async () => {
    const config = tinyRun();
    const trainer = new Trainer(config, countingText(config));
    await steps(trainer, 3);
    trainer.change({ balanceMode: 'none' });
    const [off] = await steps(trainer, 1);
    trainer.change({ balanceMode: 'frozen' });
    const [frozen, still] = await steps(trainer, 2);
    expect(Math.max(...off!.report.bias.map(Math.abs))).toBe(0);
    expect(Math.max(...off!.report.biasChangedShare)).toBe(0);
    expect(Math.max(...frozen!.report.bias.map(Math.abs))).toBeGreaterThan(0.005);
    expect(still!.report.bias).toEqual(frozen!.report.bias);
  });

  it('changes nothing in a step that is not finite, and says so', async () => {
    const config = tinyRun();
    const start = tensorsFor(config, NaN);
    const trainer = new Trainer(config, countingText(config), { start });
    const before = await Promise.all(trainer.optimizer.values.map(read));
    const [event] = await steps(trainer, 1);
    expect(event!.report.finite).toBe(false);
    expect(event!.step).toBe(0);
    expect(await Promise.all(trainer.optimizer.values.map(read))).toEqual(before);
    for (const bias of trainer.balancer.values) expect(Math.max(...(await read(bias)).map(Math.abs))).toBe(0);
  });

  it('trains no more, and gives nothing out, once its update was cut short between weights and bias', async () => {
    const run = tinyRun();
    const trainer = new Trainer(run, countingText(run));
    await steps(trainer, 1);
    const before = await Promise.all(trainer.model.parameters.map(read));
    const { balancer } = trainer;
    balancer.update = () => {
      throw new Error('cut short');
    };
    await expect(steps(trainer, 1)).rejects.toThrow('cut short');
    const after = await Promise.all(trainer.model.parameters.map(read));
    expect(after).not.toEqual(before);
    expect([trainer.step, trainer.isSound]).toEqual([1, false]);
    await expect(steps(trainer, 1)).rejects.toThrow('step 2 was cut short');
    await expect(trainer.capture()).rejects.toThrow('step 2 was cut short');
    await expect(trainer.captureWeights()).rejects.toThrow('step 2');
    trainer.dispose();
  });

  it('logs a change made during a step that came to nothing for its second try', async () => {
    const config = tinyRun();
    const trainer = new Trainer(config, countingText(config), { start: tensorsFor(config, NaN) });
    const events = trainer.events();
    const { value: shard } = await events.next();
    expect(shard.kind).toBe('shard');
    expect(trainer.change({ learningRate: 1e-3 }).step).toBe(1);
    for (let event = shard; event.kind !== 'step';) event = (await events.next()).value;
    expect(trainer.changes).toEqual([{ step: 0, change: { learningRate: 1e-3 } }]);
    await events.return(undefined as never);
    trainer.dispose();
  });

  it('keeps no tensor from one step to the next', async () => {
    const config = tinyRun();
    const trainer = new Trainer(config, countingText(config));
    await steps(trainer, 1);
    const { numTensors } = memory();
    await steps(trainer, 3);
    expect(memory().numTensors).toBe(numTensors);
    // Given up after any of its shards, the last one included.
    for (let shards = 1; shards <= config.train.shards; shards++) {
      const events = trainer.events();
      for (let shard = 0; shard < shards; shard++) await events.next();
      await events.return(undefined as never);
      expect(memory().numTensors).toBe(numTensors);
    }
  });

  it('trains a dense model, the published routing shape, and a model without q/k-norm', async () => {
    const shapes: Partial<ModelConfig>[] = [
      { nRoutedExperts: 0, nSharedExperts: 0, numExpertsPerTok: 0, firstKDenseReplace: 0 },
      { nRoutedExperts: 128, nSharedExperts: 2, numExpertsPerTok: 6, routedScalingFactor: 2.5, moeIntermediateSize: 4 },
      { qkNorm: false },
      { nSharedExperts: 0, nGroup: 3, topkGroup: 2, normTopkProb: false },
    ];
    for (const shape of shapes) {
      const config = tinyRun({}, shape);
      const [event] = await steps(new Trainer(config, countingText(config)), 1);
      expect(event!.report.finite, JSON.stringify(shape)).toBe(true);
      const { model, train } = config;
      const moeLayers = model.nRoutedExperts > 0 ? 1 : 0;
      const total = event!.report.load.reduce((sum, load) => sum + load, 0);
      expect(total).toBe(moeLayers * train.batchSize * train.sequenceLength * model.numExpertsPerTok);
    }
  });
});

/** Small random weights, with `poison` in the last one. */
function tensorsFor({ model }: RunConfig, poison: number) {
  const parameters = parameterSpecs(model).map((spec, index) => {
    const rng = rngFor(1, 'init', index);
    const values = Float32Array.from(
      { length: spec.shape.reduce((product, size) => product * size, 1) },
      () => 0.1 * rng.normal(),
    );
    if (spec.name === 'lm_head.weight') values[0] = poison;
    return floatTensor(values, [...spec.shape]);
  });
  return { parameters, biases: [floatTensor(new Float32Array(model.nRoutedExperts), [1, model.nRoutedExperts])] };
}
