// tfjs as a contestant: a model written by hand in its operations, its own backends, its own tape, and AdamW in composed operations.
import * as tf from '@tensorflow/tfjs-core';
import { moeLayerCount } from '../../src/config/modelConfig';
import { shifted } from '../../src/training/loss';
import { syntheticText } from '../workloads';
import { FIRST_LOSSES, isWarm, type Contestant, type ContestantSpec, type StepTime } from './contestant';
import { peerWeights } from './peerWeights';
import { oneHot, startTfjs } from './tfjsBackend';
import { constantsFor, meanLoss, plainProduct, transposingProduct, type Weights } from './tfjsModel';

/** On a software adapter a step takes many seconds. */
const SLOW_WARM_STEPS = 2;

export function createTfjs({ run, backend }: ContestantSpec, wasmPath: string | undefined): Contestant {
  const { model, train } = run;
  if (moeLayerCount(model) > 0) throw new Error('the model written on tfjs is dense');
  const text = syntheticText(run);
  const product = backend === 'wasm' ? transposingProduct : plainProduct;
  let advance = (): Promise<{ loss: number; ms: number }> => Promise.reject(new Error('not started'));

  function prepare(): void {
    const constants = constantsFor(model, train.sequenceLength);
    const weights: Weights = Object.fromEntries(
      Object.entries(peerWeights(model, train.seed)).map(([name, { values, shape }]) => [name, tf.tensor(values, [...shape])]),
    );
    const names = Object.keys(weights);
    const first = Object.fromEntries(names.map((name) => [name, tf.zerosLike(weights[name]!)]));
    const second = Object.fromEntries(names.map((name) => [name, tf.zerosLike(weights[name]!)]));
    let done = 0;

    /** The decoupled update (arXiv 1711.05101) of one tensor; consumes its gradient. */
    const update = (name: string, gradient: tf.Tensor): void => {
      const { beta1, beta2, adamEpsilon, weightDecay, learningRate } = train;
      const [weight, m, v] = [weights[name]!, first[name]!, second[name]!];
      const next = tf.tidy(() => {
        const nextM = tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1));
        const nextV = tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2));
        const scale = tf.add(tf.sqrt(tf.div(nextV, 1 - beta2 ** done)), adamEpsilon);
        const direction = tf.div(tf.div(nextM, 1 - beta1 ** done), scale);
        const decay = weight.rank >= 2 ? weightDecay : 0;
        return [tf.sub(tf.mul(weight, 1 - learningRate * decay), tf.mul(direction, learningRate)), nextM, nextV] as const;
      }) as unknown as readonly [tf.Tensor, tf.Tensor, tf.Tensor];
      tf.dispose([weight, m, v, gradient]);
      [weights[name], first[name], second[name]] = next;
    };

    advance = async () => {
      const begun = performance.now();
      const { inputs, targets } = shifted(text.batch(done++).ids, train.batchSize, train.sequenceLength);
      const words = oneHot(inputs, model.vocabSize);
      const wanted = oneHot(targets, model.vocabSize);
      const lossOf = (...values: tf.Tensor[]): tf.Scalar => {
        const held = Object.fromEntries(names.map((name, index) => [name, values[index]!]));
        return meanLoss(held, words, wanted, constants, model, train.batchSize, product);
      };
      const { value, grads } = tf.valueAndGrads(lossOf)(names.map((name) => weights[name]!));
      for (const [index, name] of names.entries()) update(name, grads[index]!);
      tf.dispose([words, wanted]);
      // The weights come after the loss: a device that works on its own time has to have them before the step is over.
      const last = tf.sum(weights['head']!);
      const [[loss]] = await Promise.all([value.data(), last.data()]);
      tf.dispose([value, last]);
      return { loss: loss!, ms: performance.now() - begun };
    };
  }

  return {
    async start() {
      await startTfjs(backend, wasmPath);
      prepare();
      const begun = performance.now();
      const { ms: firstStepMs, loss } = await advance();
      const losses = [loss];
      const warm = () => (backend.startsWith('webgpu') ? losses.length >= SLOW_WARM_STEPS : isWarm(losses.length, begun));
      while (!warm()) losses.push((await advance()).loss);
      return { losses: losses.slice(0, FIRST_LOSSES), firstStepMs };
    },
    async time(steps) {
      const times: StepTime[] = [];
      for (let step = 0; step < steps; step++) {
        const { ms } = await advance();
        times.push({ step: ms, passes: ms, parts: null });
      }
      return { times, tensors: tf.memory().numTensors };
    },
  };
}
