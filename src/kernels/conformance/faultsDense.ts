// Planted faults in the operations of a dense transformer: the checker must report every one, or it proves nothing.
import * as tf from '@tensorflow/tfjs-core';
import { oneHot } from '../oneHot';
import type { NamedTensors } from '../operation';
import {
  firstTwoSwapped,
  givenWrongly,
  gradientWrong,
  matmul,
  outputWrong,
  rowsOf,
  withoutLastRow,
  type Fault,
} from './faultKit';
import { caseOf } from './table';

/** One head over one sequence whose query t also sees key t + 1. */
function seesTheNext({ q, k, v }: NamedTensors): tf.Tensor {
  const [T, D] = q!.shape as [number, number];
  const row = tf.reshape(tf.range(0, T, 1, 'float32'), [T, 1]);
  const column = tf.reshape(tf.range(0, T, 1, 'float32'), [1, T]);
  const allowed = tf.cast(tf.lessEqual(column, tf.add(row, 1)), 'float32');
  const logits = tf.mul(matmul(q!, tf.transpose(k!)), D ** -0.5);
  return matmul(tf.softmax(tf.add(tf.mul(logits, allowed), tf.mul(tf.sub(allowed, 1), 1e30))), v!);
}

const linearSquare = caseOf('Linear', 'square');
const linearRest = caseOf('Linear', 'a rest on every side');
const attentionSharp = caseOf('CausalAttention', 'sharp');
const attentionGrouped = caseOf('CausalAttention', 'two query heads');
const cachedGrouped = caseOf('CachedAttention', 'two query heads');
const normDefault = caseOf('RmsNorm', 'the default width');
const residualDefault = caseOf('ResidualNorm', 'the default width');
const projections = caseOf('QkvProjections', 'a rest on every side');
const rope = caseOf('QkNormRope', '[12, 3·6]');
const swigluOdd = caseOf('SwiGlu', 'nothing divides');
const swigluSquare = caseOf('SwiGlu', 'square');
const entropyOdd = caseOf('CrossEntropy', '[5, 33]');

export const DENSE_FAULTS: readonly Fault[] = [
  {
    name: 'one summand gets no gradient',
    testCase: caseOf('Addition', '[7, 33]'),
    plant: gradientWrong(({ y }) => ({ y: tf.zerosLike(y!) })),
  },
  { name: 'the output is a thousandth too large', testCase: linearRest, plant: outputWrong(0, (y) => tf.mul(y, 1.001)) },
  { name: 'the output is zero', testCase: linearRest, plant: outputWrong(0, (y) => tf.zerosLike(y)) },
  { name: 'the last row is dropped', testCase: linearRest, plant: outputWrong(0, withoutLastRow) },
  {
    name: 'the last row is not a number',
    testCase: linearRest,
    plant: outputWrong(0, (y) => tf.concat([rowsOf(y, 0, 32), tf.fill([1, 29], Number.NaN)])),
  },
  {
    name: 'the weight gradient is transposed',
    testCase: linearSquare,
    plant: gradientWrong(({ weight }) => ({ weight: tf.transpose(weight!) })),
  },
  { name: 'a gradient is missing', testCase: linearSquare, plant: gradientWrong(() => ({ x: undefined })) },
  { name: 'a tensor is left behind', testCase: linearSquare, plant: outputWrong(0, (y) => (tf.keep(tf.mul(y, 2)), y)) },
  {
    name: 'of equal ids only one gives its gradient',
    testCase: caseOf('Embedding', 'ids repeat'),
    plant: gradientWrong((_right, [dy], { ids, table }) => {
      const picks = oneHot(ids!, table!.shape[0]!);
      return { table: tf.div(matmul(tf.transpose(picks), dy!), tf.maximum(tf.expandDims(tf.sum(picks, 0), 1), 1)) };
    }),
  },
  {
    name: 'eps is forgotten',
    testCase: caseOf('RmsNorm', 'so small that eps matters'),
    plant: givenWrongly(() => ({ attributes: { eps: 0 } })),
  },
  {
    name: 'the gradient forgets that the norm depends on x',
    testCase: normDefault,
    plant: gradientWrong((_right, [dy], { x, weight }) => ({
      x: tf.mul(tf.mul(dy!, weight!), tf.rsqrt(tf.mean(tf.square(x!), -1, true))),
    })),
  },
  {
    name: 'the weight gradient counts one row',
    testCase: normDefault,
    plant: gradientWrong(({ weight }) => ({ weight: tf.div(weight!, 19) })),
  },
  {
    name: 'the stream is what came in',
    testCase: residualDefault,
    plant: outputWrong(0, (_stream, { x }) => tf.clone(x!)),
  },
  {
    name: 'only the sublayer is normed',
    testCase: residualDefault,
    plant: outputWrong(1, (_normed, { y, weight }) => tf.mul(tf.mul(y!, tf.rsqrt(tf.mean(tf.square(y!), -1, true))), weight!)),
  },
  {
    name: 'the stream passes no gradient',
    testCase: residualDefault,
    plant: gradientWrong(({ x }, [dStream]) => ({ x: tf.sub(x!, dStream!) })),
  },
  {
    name: 'the weight gradient counts the stream',
    testCase: residualDefault,
    plant: gradientWrong((_right, [dStream, dNormed], { weight }) => ({
      weight: tf.mul(weight!, tf.sum(tf.add(dStream!, dNormed!))),
    })),
  },
  {
    name: 'the rotation turns the wrong way',
    testCase: rope,
    plant: givenWrongly((inputs) => ({ inputs: { ...inputs, sin: tf.neg(inputs.sin!) } })),
  },
  {
    name: 'the first two positions are swapped',
    testCase: rope,
    plant: givenWrongly((inputs) => ({
      inputs: { ...inputs, cos: firstTwoSwapped(inputs.cos!), sin: firstTwoSwapped(inputs.sin!) },
    })),
  },
  { name: 'the gradient is not rotated back', testCase: rope, plant: gradientWrong((_right, [dq]) => ({ q: dq! })) },
  {
    name: 'keys are normed by the weight of queries',
    testCase: rope,
    plant: givenWrongly((inputs) => ({ inputs: { ...inputs, kWeight: inputs.qWeight! } })),
  },
  {
    name: 'the weight gradient of keys is that of queries',
    testCase: rope,
    plant: gradientWrong(({ qWeight }) => ({ kWeight: tf.clone(qWeight!) })),
  },
  {
    name: 'the head norm is left out',
    testCase: rope,
    plant: givenWrongly((_inputs, attributes) => ({ attributes: { ...attributes, normalise: false } })),
  },
  { name: 'a query sees the next key', testCase: attentionSharp, plant: outputWrong(0, (_o, inputs) => seesTheNext(inputs)) },
  {
    name: 'logits are not scaled',
    testCase: attentionSharp,
    plant: givenWrongly((inputs) => ({ inputs: { ...inputs, q: tf.mul(inputs.q!, 8 ** 0.5) } })),
  },
  {
    name: 'two key heads are swapped',
    testCase: attentionGrouped,
    plant: givenWrongly((inputs) => ({ inputs: { ...inputs, k: tf.concat(tf.split(inputs.k!, 2, 1).reverse(), 1) } })),
  },
  {
    name: 'the key gradient has one query head of each group',
    testCase: attentionGrouped,
    plant: gradientWrong(({ k }) => ({ k: tf.mul(k!, 0.5) })),
  },
  {
    name: 'the statistics hold the sum, not its logarithm',
    testCase: attentionSharp,
    plant: outputWrong(1, (s) => tf.exp(tf.mul(s, 0.1))),
  },
  {
    name: 'a new token does not see the one before it',
    testCase: cachedGrouped,
    plant: givenWrongly((inputs) => ({
      inputs: { ...inputs, cache: tf.concat([rowsOf(inputs.cache!, 0, 8), tf.zeros([8, 32])]) },
    })),
  },
  {
    name: 'the new tokens stand one position late',
    testCase: cachedGrouped,
    plant: givenWrongly((_inputs, attributes) => ({ attributes: { ...attributes, start: 10 } })),
  },
  {
    name: 'a key head serves the wrong queries',
    testCase: cachedGrouped,
    plant: outputWrong(0, (o) => tf.reshape(tf.reverse(tf.reshape(o, [3, 4, 8]), 1), [3, 32])),
  },
  {
    name: 'the last new row is not remembered',
    testCase: cachedGrouped,
    plant: outputWrong(1, (cache) => tf.concat([rowsOf(cache, 0, 11), tf.zeros([1, 32]), rowsOf(cache, 12, 4)])),
  },
  {
    name: 'values take the weights of keys',
    testCase: projections,
    plant: givenWrongly((inputs) => ({ inputs: { ...inputs, v: inputs.k! } })),
  },
  {
    name: 'the input gradient leaves out the values',
    testCase: projections,
    plant: gradientWrong(({ x }, [, , dv], { v }) => ({ x: tf.sub(x!, matmul(dv!, v!)) })),
  },
  {
    name: 'gate and up change places',
    testCase: swigluOdd,
    plant: givenWrongly((inputs) => ({ inputs: { ...inputs, gate: inputs.up!, up: inputs.gate! } })),
  },
  {
    name: 'gate and up exchange gradients',
    testCase: swigluOdd,
    plant: gradientWrong(({ gate, up }) => ({ gate: tf.clone(up!), up: tf.clone(gate!) })),
  },
  {
    name: 'the down gradient is transposed',
    testCase: swigluSquare,
    plant: gradientWrong(({ down }) => ({ down: tf.transpose(down!) })),
  },
  {
    name: 'the input gradient is that of one half',
    testCase: swigluSquare,
    plant: gradientWrong(({ x }) => ({ x: tf.mul(x!, 0.5) })),
  },
  {
    name: 'the target is not subtracted',
    testCase: entropyOdd,
    plant: gradientWrong(({ logits }, [dLoss], { targets }) => ({
      logits: tf.add(logits!, tf.mul(oneHot(targets!, 33), tf.expandDims(dLoss!, 1))),
    })),
  },
  {
    name: 'the gradient ignores the loss above it',
    testCase: entropyOdd,
    plant: gradientWrong(({ logits }, [dLoss]) => ({ logits: tf.div(logits!, tf.expandDims(dLoss!, 1)) })),
  },
];
