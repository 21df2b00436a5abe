// Twelve training steps of a reference model, repeated here, and how far they are from it.
import { layerRow, maxVio } from '../analysis/load';
import { biasName, parameterFrom } from '../checkpoint/dots1';
import { isMoeLayer } from '../config/modelConfig';
import { PRESETS } from '../config/presets';
import type { RunConfig } from '../config/trainConfig';
import { read } from '../kernels/tensor';
import { parameterSpecs } from '../model/parameters';
import { Trainer } from '../training/trainer';
import { fixtureConfig, fixtureTensors, tensorsOf, valueOf } from './fixtureModel';
import { readJsonFixture } from './fixtures';

interface Trajectory {
  readonly hyperparameters: {
    lr: number;
    beta1: number;
    beta2: number;
    eps: number;
    weight_decay: number;
    clip: number;
    bias_update_rate: number;
  };
  readonly batches: number[][][];
  readonly steps: { loss: number; grad_norm: number; load: number[][]; min_margin: number; max_vio: number[] }[];
}

/** Below this margin between the last chosen expert and the next, float32 may choose otherwise than float64. */
const CLEAR_MARGIN = 1e-4;

export interface StepDeviation {
  /** Relative. */
  readonly lossError: number;
  readonly normError: number;
  /** Assignments that went elsewhere, counted at both ends, of `load`. */
  readonly movedLoad: number;
  readonly load: number;
  /** No token was close to choosing another expert. */
  readonly isClearCut: boolean;
  /** The largest of all MoE layers. */
  readonly maxVioError: number;
}

export interface Deviation {
  readonly steps: readonly StepDeviation[];
  /** After the last step: `bound` is how far a weight could have gone, `farShare` the share of weights further off than a fiftieth of it. */
  readonly weights: { readonly farthest: number; readonly bound: number; readonly farShare: number };
  /** Share of each MoE layer's biases that are the reference's. */
  readonly biases: readonly number[];
}

/** Trains the reference model `name` on the current backend. */
export async function followTrajectory(name: string): Promise<Deviation> {
  const model = await fixtureConfig(name);
  const trajectory = await readJsonFixture<Trajectory>(`${name}/trajectory.json`);
  const { hyperparameters: hyper, batches } = trajectory;
  const config: RunConfig = {
    ...PRESETS.default,
    model,
    train: {
      ...PRESETS.default.train,
      warmupSteps: 0,
      stableSteps: 1e9,
      decaySteps: 1,
      finalLearningRate: 0,
      sequenceLossWeight: 0,
      batchSize: batches[0]!.length,
      sequenceLength: batches[0]![0]!.length - 1,
      shards: 1,
      learningRate: hyper.lr,
      beta1: hyper.beta1,
      beta2: hyper.beta2,
      adamEpsilon: hyper.eps,
      weightDecay: hyper.weight_decay,
      gradientClip: hyper.clip,
      biasUpdateSpeed: hyper.bias_update_rate,
    },
  };
  const start = tensorsOf(model, await fixtureTensors(`${name}/model.safetensors`));
  const source = { batch: (step: number) => ({ ids: Int32Array.from(batches[step]!.flat()), epoch: 0 }) };
  const trainer = new Trainer(config, source, { start });
  try {
    const steps: StepDeviation[] = [];
    for await (const event of trainer.events()) {
      if (event.kind !== 'step') continue;
      const { report } = event;
      const expected = trajectory.steps[steps.length]!;
      const load = expected.load.flat();
      const violations = expected.max_vio.map((violation, layer) =>
        Math.abs(maxVio(layerRow(report.load, layer, model.nRoutedExperts)) - violation),
      );
      steps.push({
        lossError: Math.abs(report.loss / expected.loss - 1),
        normError: Math.abs(report.gradientNorm / expected.grad_norm - 1),
        movedLoad: load.reduce((total, count, index) => total + Math.abs(count - report.load[index]!), 0),
        load: load.reduce((total, count) => total + count, 0),
        isClearCut: expected.min_margin > CLEAR_MARGIN,
        maxVioError: Math.max(0, ...violations),
      });
      if (steps.length === batches.length) break;
    }
    return { steps, ...(await afterwards(name, trainer, hyper.lr * batches.length)) };
  } finally {
    trainer.dispose();
  }
}

async function afterwards(name: string, trainer: Trainer, bound: number): Promise<Omit<Deviation, 'steps'>> {
  const { model } = trainer.config;
  const trained = await fixtureTensors(`${name}/trained.safetensors`);
  let [entries, far, farthest] = [0, 0, 0];
  for (const [index, spec] of parameterSpecs(model).entries()) {
    const expected = valueOf(parameterFrom(trained, spec.name, spec.shape));
    const actual = await read(trainer.optimizer.values[index]!);
    for (let i = 0; i < expected.length; i++) {
      const gap = Math.abs(actual[i]! - expected[i]!);
      farthest = Math.max(farthest, gap);
      entries++;
      if (!(gap <= 0.02 * bound)) far++;
    }
  }
  const layers = Array.from({ length: model.numHiddenLayers }, (_, layer) => layer).filter((layer) => isMoeLayer(model, layer));
  const biases = [];
  for (const [index, layer] of layers.entries()) {
    const expected = valueOf(parameterFrom(trained, biasName(layer), [model.nRoutedExperts]));
    const actual = await read(trainer.balancer.values[index]!);
    biases.push(actual.filter((value, expert) => Math.abs(value - expected[expert]!) < 1e-6).length / expected.length);
  }
  return { weights: { farthest, bound, farShare: far / entries }, biases };
}
