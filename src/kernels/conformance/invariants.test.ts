import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { rngFor, type Rng } from '../../core/rng';
import { testBackend } from '../../testing/backend';
import { startTestBackend } from '../../testing/startTestBackend';
import { sortByExpert } from '../assignments/assignments';
import { attention } from '../attention/attention';
import { crossEntropy } from '../crossEntropy/crossEntropy';
import { biasUpdate } from '../expertBias/expertBias';
import { runExperts } from '../experts/experts';
import { rmsNorm } from '../rmsNorm/rmsNorm';
import { qkNormRope, ropeTables } from '../qkNormRope/qkNormRope';
import { chooseExperts } from '../router/router';
import { distinctChoices, normals, upload } from './arrays';

const EXACT = { numRuns: testBackend() === 'webgpu' ? 4 : 15, seed: 7 };
const seeds = fc.integer({ min: 0, max: 1_000_000 });
const size = (max: number) => fc.integer({ min: 1, max });
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);
const drawn = (rng: Rng, shape: number[], spread = 1) => upload(normals(rng, shape, spread));
const values = async (tensor: tf.Tensor) => Array.from(await tensor.data());

function expectClose(actual: readonly number[], wanted: readonly number[], tolerance = 1e-5): void {
  const scale = Math.max(1e-3, ...wanted.map(Math.abs));
  expect(actual.length).toBe(wanted.length);
  actual.forEach((value, i) => expect(Math.abs(value - wanted[i]!), `at ${i}`).toBeLessThanOrEqual(tolerance * scale));
}

beforeAll(startTestBackend);
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

describe('attention', () => {
  test('what comes later changes nothing before it', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, size(40), size(3), async (seed, T, heads) => {
        const rng = rngFor(seed, 'sample');
        const width = heads * 8;
        const [q, k, v] = [drawn(rng, [T, width]), drawn(rng, [T, width]), drawn(rng, [T, width])] as const;
        const cut = rng.below(T);
        const changed = (x: tf.Tensor) =>
          tf.concat([tf.slice(x, [0, 0], [cut + 1, width]), tf.add(tf.slice(x, [cut + 1, 0], [T - cut - 1, width]), 3)]);
        const shape = { sequences: 1, heads, keyValueHeads: heads };
        const before = await values(attention(q, k, v, shape).output);
        const after = await values(attention(q, changed(k), changed(v), shape).output);
        expect(after.slice(0, (cut + 1) * width)).toEqual(before.slice(0, (cut + 1) * width));
      }),
      EXACT,
    );
  });

  test('sequences do not see each other', async () => {
    const rng = rngFor(3, 'sample');
    const [q, k, v] = [drawn(rng, [24, 16]), drawn(rng, [24, 16]), drawn(rng, [24, 16])] as const;
    const second = (x: tf.Tensor) => tf.slice(x, [12, 0], [12, 16]);
    const both = await values(attention(q, k, v, { sequences: 2, heads: 2, keyValueHeads: 2 }).output);
    const alone = await values(attention(second(q), second(k), second(v), { sequences: 1, heads: 2, keyValueHeads: 2 }).output);
    expectClose(both.slice(12 * 16), alone);
  });
});

describe('the router', () => {
  test('normalised weights sum to the scale, and the chosen experts differ', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, size(12), fc.integer({ min: 2, max: 20 }), async (seed, N, E) => {
        const rng = rngFor(seed, 'sample');
        const K = 1 + rng.below(Math.min(E, 6));
        const inputs = {
          logits: drawn(rng, [N, E], 2),
          choiceOffset: drawn(rng, [1, E], 0.3),
          contribution: tf.ones([1, E]),
          given: tf.fill([1, K], -1, 'int32'),
        };
        const { weights, chosen } = chooseExperts(inputs, {
          expertsPerToken: K,
          groups: 1,
          topGroups: 1,
          normalise: true,
          scale: 2.5,
        });
        expectClose(await values(tf.sum(weights, 1)), Array<number>(N).fill(2.5));
        const picks = await values(chosen);
        for (let n = 0; n < N; n++) expect(new Set(picks.slice(n * K, (n + 1) * K)).size).toBe(K);
      }),
      EXACT,
    );
  });

  test('an offset shared by all experts changes no choice', async () => {
    const rng = rngFor(4, 'sample');
    const logits = drawn(rng, [30, 16]);
    const chosenWith = (offset: number) =>
      values(
        chooseExperts(
          { logits, choiceOffset: tf.fill([1, 16], offset), contribution: tf.ones([1, 16]), given: tf.fill([1, 3], -1, 'int32') },
          { expertsPerToken: 3, groups: 1, topGroups: 1, normalise: true, scale: 1 },
        ).chosen,
      );
    expect(await chosenWith(0.5)).toEqual(await chosenWith(0));
  });
});

describe('assignments', () => {
  test('sorted by expert they are a permutation, and position is its inverse', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, size(40), size(12), async (seed, N, E) => {
        const rng = rngFor(seed, 'sample');
        const chosen = distinctChoices(rng, N, 1 + rng.below(E), upTo(E));
        const sorted = sortByExpert(upload(chosen), tf.ones([...chosen.shape]), E);
        const [offsets, order, position] = await Promise.all([
          values(sorted.offsets),
          values(sorted.order),
          values(sorted.position),
        ]);
        expect([...order].sort((a, b) => a - b)).toEqual(upTo(order.length));
        order.forEach((assignment, row) => expect(position[assignment]).toBe(row));
        for (let e = 0; e < E; e++) {
          for (let row = offsets[e]!; row < offsets[e + 1]!; row++) expect(chosen.values[order[row]!]).toBe(e);
        }
      }),
      EXACT,
    );
  });

  test('the loads add up to all assignments, the gate mass to all weights', async () => {
    const rng = rngFor(5, 'sample');
    const weights = drawn(rng, [50, 3]);
    const { totals } = sortByExpert(upload(distinctChoices(rng, 50, 3, upTo(9))), weights, 9);
    expectClose(await values(tf.sum(totals, 1)), [150, (await values(tf.sum(weights)))[0]!]);
  });
});

describe('the experts', () => {
  test('permuting the tokens permutes the outputs', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, size(20), fc.integer({ min: 2, max: 6 }), async (seed, N, E) => {
        const rng = rngFor(seed, 'sample');
        const [C, I] = [12, 8];
        const matrices = { gate: drawn(rng, [E, I, C], 0.3), up: drawn(rng, [E, I, C], 0.3), down: drawn(rng, [E, C, I], 0.3) };
        const [x, weights, chosen] = [normals(rng, [N, C]), normals(rng, [N, 2]), distinctChoices(rng, N, 2, upTo(E))] as const;
        const turned = (row: number) => (row + 1) % N;
        const rotated = <Values extends Float32Array | Int32Array>(source: Values, width: number): Values => {
          const out = source.slice() as Values;
          for (let n = 0; n < N; n++) out.set(source.subarray(turned(n) * width, (turned(n) + 1) * width), n * width);
          return out;
        };
        const run = async (change: typeof rotated) => {
          const moved = {
            x: upload({ ...x, values: change(x.values, C) }),
            weights: upload({ ...weights, values: change(weights.values, 2) }),
          };
          const picks = upload({ ...chosen, values: change(chosen.values, 2) });
          return values(runExperts(moved.x, moved.weights, picks, sortByExpert(picks, moved.weights, E), matrices));
        };
        const plain = await run((source) => source);
        expectClose(await run(rotated), Array.from(rotated(Float32Array.from(plain), C)));
      }),
      EXACT,
    );
  });

  test('with weight 0 an expert adds nothing', async () => {
    const rng = rngFor(6, 'sample');
    const matrices = { gate: drawn(rng, [4, 8, 12]), up: drawn(rng, [4, 8, 12]), down: drawn(rng, [4, 12, 8]) };
    const chosen = upload(distinctChoices(rng, 9, 2, upTo(4)));
    const y = runExperts(drawn(rng, [9, 12]), tf.zeros([9, 2]), chosen, sortByExpert(chosen, tf.zeros([9, 2]), 4), matrices);
    expect((await values(y)).every((value) => value === 0)).toBe(true);
  });
});

describe('losses, norms, balance', () => {
  test("the gradient of cross entropy sums to nothing over the vocabulary, and a token's loss is positive", async () => {
    await fc.assert(
      fc.asyncProperty(seeds, size(9), fc.integer({ min: 2, max: 70 }), async (seed, N, V) => {
        const rng = rngFor(seed, 'sample');
        const logits = drawn(rng, [N, V], 3);
        const targets = tf.tensor(
          Int32Array.from({ length: N }, () => rng.below(V)),
          [N],
          'int32',
        );
        const { value, grads } = tf.engine().gradients(() => tf.sum(crossEntropy(logits, targets)), [logits], undefined, true);
        for (const total of await values(tf.sum(grads[0]!, 1))) expect(Math.abs(total)).toBeLessThan(1e-5);
        expect((await values(value))[0]).toBeGreaterThan(0);
      }),
      EXACT,
    );
  });

  test('a normed row has root mean square 1, whatever its length was', async () => {
    const rng = rngFor(7, 'sample');
    const y = rmsNorm(drawn(rng, [6, 50], 40), tf.ones([50]), 1e-6);
    expectClose(await values(tf.mean(tf.square(y), 1)), Array<number>(6).fill(1));
  });

  test('a rotation changes no length', async () => {
    const rng = rngFor(8, 'sample');
    const { cos, sin } = ropeTables(12, 10_000, 5, 900);
    const x = drawn(rng, [10, 24]);
    const table = (source: Float32Array) => upload({ values: source, shape: [5, 6] });
    const ones = { qWeight: tf.ones([12]), kWeight: tf.ones([12]) };
    const turned = qkNormRope({ q: x, k: x, ...ones, cos: table(cos), sin: table(sin) }, { eps: 1e-6, normalise: false });
    for (const y of Object.values(turned))
      expectClose(await values(tf.sum(tf.square(y), 1)), await values(tf.sum(tf.square(x), 1)));
  });

  test('a busy expert loses bias, an idle one gains it', async () => {
    const layer = { totals: tf.tensor([8, 0, 4, 4, 1, 1, 1, 1], [2, 4]), bias: tf.zeros([1, 4]) };
    const attributes = { speed: 0.5, proportional: false, recentred: false };
    const { changes } = biasUpdate([layer], tf.tensor([1, 1, 1]), attributes);
    expect(await values(changes[0]!)).toEqual([-0.5, 0.5, 0, 0]);
  });
});
