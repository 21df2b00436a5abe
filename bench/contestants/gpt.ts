// gpt-tfjs as a contestant: its own GPT-2 and its own training loop. It knows no other architecture, so it trains another model of the same size.
import * as tf from '@tensorflow/tfjs-core';
import library, { type Batches, type Pair } from 'gpt-tfjs';
import { moeLayerCount } from '../../src/config/modelConfig';
import { shifted } from '../../src/training/loss';
import { syntheticText } from '../workloads';
import type { Contestant, ContestantSpec, StepTime } from './contestant';
import { oneHot, startTfjs } from './tfjsBackend';

const WARM_STEPS = 2;

/** The text of `run` as the batches its loop asks for; it is in order already. */
function batchesOf(run: ContestantSpec['run']): Batches {
  const { batchSize, sequenceLength } = run.train;
  const text = syntheticText(run);
  let step = 0;
  const next = (): Promise<{ done: false; value: Pair }> => {
    const { inputs, targets } = shifted(text.batch(step++).ids, batchSize, sequenceLength);
    const x = tf.tensor(inputs, [batchSize, sequenceLength], 'int32');
    const rows = oneHot(targets, run.model.vocabSize);
    const y = tf.reshape(rows, [batchSize, sequenceLength, run.model.vocabSize]);
    rows.dispose();
    return Promise.resolve({ done: false, value: { x, y } });
  };
  const batches: Batches = { shuffle: () => batches, batch: () => batches, iterator: () => Promise.resolve({ next }) };
  return batches;
}

export function createGpt({ run, backend }: ContestantSpec, wasmPath: string | undefined): Contestant {
  const { model, train } = run;
  if (moeLayerCount(model) > 0) throw new Error('gpt-tfjs has no experts');
  /** Lets its loop do one step more; resolves with the step's time. */
  let advance = (): Promise<number> => Promise.reject(new Error('not started'));

  function begin(): Promise<number> {
    const gpt = library.model.GPTLMHeadModel({
      nLayer: model.numHiddenLayers,
      nHead: model.numAttentionHeads,
      nEmbd: model.hiddenSize,
      vocabSize: model.vocabSize,
      blockSize: train.sequenceLength,
      dropout: 0,
      embdDrop: 0,
      residDrop: 0,
      bias: true,
    });
    let begun = performance.now();
    let tell: (ms: number) => void = () => {};
    let fail: (reason: unknown) => void = () => {};
    let release: () => void = () => {};
    const told = () => new Promise<number>((resolve, reject) => ([tell, fail] = [resolve, reject]));
    advance = () => {
      const next = told();
      begun = performance.now();
      release();
      return next;
    };
    const first = told();
    const afterStep = (_model: unknown, loss: number): Promise<void> => {
      if (Number.isFinite(loss)) tell(performance.now() - begun);
      else fail(new Error(`gpt-tfjs: loss ${loss}`));
      return new Promise((resolve) => (release = resolve));
    };
    gpt
      .train(batchesOf(run), { batchSize: train.batchSize, lr: train.learningRate, shuffle: false, callbacks: [afterStep] })
      .catch(fail);
    return first;
  }

  return {
    async start() {
      await startTfjs(backend, wasmPath);
      const firstStepMs = await begin();
      for (let done = 1; done < WARM_STEPS; done++) await advance();
      return { losses: [], firstStepMs };
    },
    async time(steps) {
      const times: StepTime[] = [];
      for (let step = 0; step < steps; step++) {
        const ms = await advance();
        times.push({ step: ms, passes: ms, parts: null });
      }
      return { times, tensors: null };
    },
  };
}
