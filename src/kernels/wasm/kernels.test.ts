import { beforeAll, describe, expect, test } from 'vitest';
import * as tf from '@tensorflow/tfjs-core';
import { rngFor } from '../../core/rng';
import { testBackend } from '../../testing/backend';
import { startTestBackend } from '../../testing/startTestBackend';
import { sortByExpert } from '../assignments/assignments';
import { normals, upload } from '../conformance/arrays';
import { embedding } from '../embedding/embedding';
import { linear } from '../linear/linear';
import { openHeap, type Heap } from './heap';

const COUNT = 20_001; // not a multiple of four: the rest of a row goes another way
const RELATIVE = 2e-7;

/** `COUNT` values spread over [low, high]. */
const spread = (low: number, high: number) =>
  Float32Array.from({ length: COUNT }, (_, i) => low + ((high - low) * i) / (COUNT - 1));

function worst(actual: ArrayLike<number>, x: Float32Array, exact: (x: number) => number): number {
  return x.reduce((most, value, i) => Math.max(most, Math.abs(actual[i]! / exact(value) - 1)), 0);
}

describe.runIf(testBackend() === 'wasm')('our kernels on the WASM heap', () => {
  let heap: Heap;
  beforeAll(async () => {
    await startTestBackend();
    heap = await openHeap();
  });

  test('the exponential is exact to 2e-7 of itself', () => {
    const { kernels, at, output } = heap;
    const x = spread(-87, 87);
    // The gradient of cross entropy with logsumexp 0 and a target outside is e^logit.
    const [logits, out, one, zero] = [tf.tensor(x), output([COUNT]), tf.ones([1]), tf.zeros([1])];
    const target = tf.tensor([-1], [1], 'int32');
    kernels.crossEntropyBackward(at(one), at(logits), at(target), at(zero), at(out), 1, COUNT);
    expect(worst(out.dataSync(), x, Math.exp)).toBeLessThan(RELATIVE);
    tf.dispose([logits, out, one, zero, target]);
  });

  test('the sigmoid is exact to 2e-7 of itself, in both tails', () => {
    const { kernels, at, output } = heap;
    const x = spread(-80, 80.1); // 0 is not among them
    const [gate, up, h] = [tf.tensor(x), tf.ones([COUNT]), output([COUNT])];
    kernels.swiglu(at(gate), at(up), at(h), COUNT); // gate·sigmoid(gate)
    expect(worst(h.dataSync(), x, (value) => value / (1 + Math.exp(-value)))).toBeLessThan(RELATIVE);
    tf.dispose([gate, up, h]);
  });

  test('the logarithm of a sum is exact to 2e-7 of itself', () => {
    const { kernels, at, output, work } = heap;
    const x = spread(-10, 60);
    const rows = Float32Array.from({ length: 2 * COUNT }, (_, i) => (i % 2 === 0 ? 1 : x[i >> 1]!));
    const [logits, loss, logSumExp] = [tf.tensor(rows), output([COUNT]), output([COUNT])];
    const targets = tf.zeros([COUNT], 'int32');
    kernels.crossEntropy(at(logits), at(targets), at(loss), at(logSumExp), work(8), COUNT, 2);
    const exact = (value: number) => Math.max(1, value) + Math.log1p(Math.exp(-Math.abs(value - 1)));
    expect(worst(logSumExp.dataSync(), x, exact)).toBeLessThan(RELATIVE);
    tf.dispose([logits, loss, logSumExp, targets]);
  });

  test("a row's bits do not depend on how many rows are computed with it", () => {
    const rng = rngFor(5, 'init');
    const x = normals(rng, [131, 300]);
    const [all, first, weight] = [upload(x), tf.tensor(x.values.slice(0, 300), [1, 300]), upload(normals(rng, [45, 300]))];
    const [many, one] = [linear(all, weight), linear(first, weight)];
    expect(many.dataSync().slice(0, 45)).toEqual(one.dataSync());
    tf.dispose([all, first, weight, many, one]);
  });

  test('results stay right when the heap grows between two calls', () => {
    const rng = rngFor(6, 'init');
    const [x, weight] = [upload(normals(rng, [20, 30])), upload(normals(rng, [10, 30]))];
    const before = linear(x, weight);
    const large = tf.zeros([48 * 1024 * 1024]);
    const after = linear(x, weight);
    expect(after.dataSync()).toEqual(before.dataSync());
    tf.dispose([x, weight, before, large, after]);
  });

  test('an id outside the table and an expert that does not exist are refused by name', () => {
    const [table, ids] = [tf.ones([3, 2]), tf.tensor([0, 3], [2], 'int32')];
    const [chosen, weights] = [tf.tensor([1, 4], [1, 2], 'int32'), tf.ones([1, 2])];
    expect(() => embedding(table, ids)).toThrow('id 3 at 1 is not in a table of 3 rows');
    expect(() => sortByExpert(chosen, weights, 4)).toThrow('assignment 1 names expert 4 of 4');
    tf.dispose([table, ids, chosen, weights]);
  });
});
