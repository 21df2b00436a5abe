// Gradients by our list against gradients by the tensor library's tape, of the same operations.
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { rngFor } from '../core/rng';
import { startTestBackend } from '../testing/startTestBackend';
import { addition } from './addition/addition';
import { normals, upload } from './conformance/arrays';
import { crossEntropy } from './crossEntropy/crossEntropy';
import { linear } from './linear/linear';
import { differentiate, differentiatePausing, recording, type Seed } from './recording';
import { swiglu } from './swiglu/swiglu';

beforeAll(startTestBackend);

/** A network in which one tensor is read by many, and one parameter twice. */
function network() {
  const rng = rngFor(3, 'init');
  const [x, gate, up, head] = [
    upload(normals(rng, [6, 8])),
    upload(normals(rng, [8, 8])),
    upload(normals(rng, [8, 8])),
    upload(normals(rng, [5, 8])),
  ];
  const targets = tf.tensor1d([0, 1, 2, 3, 4, 0], 'int32');
  const losses = (): tf.Tensor => {
    const h = addition(x, swiglu(x, { gate, up, down: gate }));
    return crossEntropy(linear(addition(h, linear(h, gate)), head), targets);
  };
  return { parameters: [gate, up, head], losses, free: () => tf.dispose([x, gate, up, head, targets]) };
}

const seeded = (losses: tf.Tensor): Seed[] => [{ of: losses, gradient: tf.fill(losses.shape, 1 / 6) }];

describe('the list of a forward pass', () => {
  it('leads to the gradients that the tape leads to', async () => {
    const { parameters, losses, free } = network();
    const ours = differentiate(() => seeded(losses()), parameters);
    const { grads: tapes } = tf.engine().gradients(() => tf.mean(losses()) as tf.Scalar, parameters, undefined, true);
    for (const [index, gradient] of ours.entries()) {
      const [mine, theirs] = await Promise.all([gradient.data(), tapes[index]!.data()]);
      const largest = Math.max(...theirs.map(Math.abs));
      expect(largest).toBeGreaterThan(0.01);
      expect(Math.max(...mine.map((value, i) => Math.abs(value - theirs[i]!)))).toBeLessThan(2e-6 * largest);
    }
    tf.dispose([...ours, ...tapes]);
    free();
  });

  it('leaves the gradients and what was kept, and nothing else', async () => {
    const { numTensors } = tf.memory();
    const { parameters, losses, free } = network();
    const before = tf.memory().numTensors;
    let kept: tf.Tensor | null = null;
    const gradients = differentiate(() => seeded((kept = tf.keep(losses()))), parameters);
    expect(tf.memory().numTensors).toBe(before + parameters.length + 1);
    expect((await kept!.data()).every(Number.isFinite)).toBe(true);
    tf.dispose([...gradients, kept!]);
    free();
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('a parameter that nothing depends on has the gradient zero', async () => {
    const { parameters, losses, free } = network();
    const idle = tf.ones([2, 3]);
    const gradients = differentiate(() => seeded(losses()), [...parameters, idle]);
    expect(gradients.at(-1)!.shape).toEqual([2, 3]);
    expect([...(await gradients.at(-1)!.data())]).toEqual([0, 0, 0, 0, 0, 0]);
    tf.dispose([...gradients, idle]);
    free();
  });

  it('ends with the pass, also where that fails', () => {
    const { numTensors } = tf.memory();
    const { parameters, losses, free } = network();
    const failing = () =>
      differentiate(() => {
        losses();
        throw new Error('no more');
      }, parameters);
    expect(failing).toThrow('no more');
    expect(recording()).toBeNull();
    free();
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('may pause anywhere: the gradients are the same to the bit, and what others make meanwhile stays theirs', async () => {
    const { parameters, losses, free } = network();
    const straight = differentiate(() => seeded(losses()), parameters);
    const before = tf.memory().numTensors;
    const ended: string[] = [];
    const theirs: tf.Tensor[] = [];
    const pausing = await differentiatePausing(
      () => seeded(losses()),
      parameters,
      (what) => {
        if (ended.push(what) % 2 === 0) return null;
        return Promise.resolve().then(async () => {
          expect(recording()).toBeNull();
          theirs.push(tf.tidy(losses));
          await theirs.at(-1)!.data();
          theirs.push(tf.tidy(losses));
        });
      },
    );
    expect(ended[0]).toBe('forward');
    expect(ended.length).toBeGreaterThan(5);
    for (const [index, gradient] of pausing.entries())
      expect([...(await gradient.data())]).toEqual([...(await straight[index]!.data())]);
    const [first, ...others] = await Promise.all(theirs.map(async (tensor) => [...(await tensor.data())]));
    for (const other of others) expect(other).toEqual(first);
    tf.dispose([...pausing, ...straight, ...theirs]);
    expect(tf.memory().numTensors).toBe(before - straight.length);
    free();
  });

  it('frees everything also where it fails in a pause', async () => {
    const { numTensors } = tf.memory();
    const { parameters, losses, free } = network();
    const failing = differentiatePausing(
      () => seeded(losses()),
      parameters,
      () => Promise.reject(new Error('no more')),
    );
    await expect(failing).rejects.toThrow('no more');
    free();
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
