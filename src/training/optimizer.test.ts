// AdamW against its formula in double precision, written out for single numbers.
import { beforeAll, describe, expect, it } from 'vitest';
import { floatTensor, memory, read, type Tensor } from '../kernels/tensor';
import { startTestBackend } from '../testing/startTestBackend';
import { Optimizer, type OptimizerSettings } from './optimizer';

beforeAll(startTestBackend);

const settings: OptimizerSettings = { beta1: 0.9, beta2: 0.95, adamEpsilon: 1e-8, weightDecay: 0.1, gradientClip: 0 };
const nothing = () => floatTensor(Float32Array.of(0), [1]);
const row = (values: number[]) => floatTensor(Float32Array.from(values), [values.length]);
const matrix = (values: number[]) => floatTensor(Float32Array.from(values), [1, values.length]);

async function values(optimizer: Optimizer): Promise<number[]> {
  return (await Promise.all(optimizer.values.map(read))).flatMap((part) => [...part]);
}

const expectClose = (actual: number[], expected: number[]) =>
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));

/** `updates` gradients, one after the other, on one number. */
function adamW(start: number, updates: number[], rate: number, decay: number): number {
  let [p, m, v] = [start, 0, 0];
  updates.forEach((g, i) => {
    m = 0.9 * m + 0.1 * g;
    v = 0.95 * v + 0.05 * g * g;
    const direction = m / (1 - 0.9 ** (i + 1)) / (Math.sqrt(v / (1 - 0.95 ** (i + 1))) + 1e-8);
    p -= rate * (direction + decay * p);
  });
  return p;
}

describe('the optimizer', () => {
  it('follows AdamW over several updates, and decays only tensors of rank two and more', async () => {
    const optimizer = new Optimizer([matrix([1, -2]), row([3])]);
    const gradients = [0.5, -1, 0.25];
    for (const [i, g] of gradients.entries()) optimizer.step([matrix([g, 2 * g]), row([g])], nothing(), i + 1, 0.1, settings);
    const doubled = gradients.map((g) => 2 * g);
    expectClose(await values(optimizer), [
      adamW(1, gradients, 0.1, 0.1),
      adamW(-2, doubled, 0.1, 0.1),
      adamW(3, gradients, 0.1, 0),
    ]);
  });

  it('scales the whole gradient when its norm over all tensors exceeds the clip, and tells the norm before', async () => {
    const step = async (gradientClip: number) => {
      const optimizer = new Optimizer([row([0]), row([0])]);
      // So large an ε that the update shows the gradient's size.
      const control = optimizer.step([row([3]), row([4])], nothing(), 1, 1, { ...settings, adamEpsilon: 100, gradientClip });
      return { control: [...(await read(control))], moved: await values(optimizer) };
    };
    const clipped = await step(1);
    expectClose(clipped.control, [5, 1 / (5 + 1e-6), 1]);
    expectClose(clipped.moved, [-0.6 / 100.6, -0.8 / 100.8]);
    for (const free of [await step(0), await step(6)]) {
      expectClose(free.control, [5, 1, 1]);
      expectClose(free.moved, [-3 / 103, -4 / 104]);
    }
  });

  it.each([NaN, Infinity, -Infinity])(
    'changes nothing, moments included, where a gradient or the witness is %d',
    async (poison) => {
      const after = async (gradient: Tensor, witness: Tensor) => {
        const optimizer = new Optimizer([matrix([1, 2]), row([3])]);
        const control = optimizer.step([gradient, row([1])], witness, 1, 0.1, settings);
        expect((await read(control))[2]).toBe(0);
        expect(await values(optimizer)).toEqual([1, 2, 3]);
        optimizer.step([matrix([1, 1]), row([1])], nothing(), 1, 0.1, settings);
        return values(optimizer);
      };
      const undisturbed = new Optimizer([matrix([1, 2]), row([3])]);
      undisturbed.step([matrix([1, 1]), row([1])], nothing(), 1, 0.1, settings);
      const expected = await values(undisturbed);
      expect(await after(matrix([1, poison]), nothing())).toEqual(expected);
      expect(await after(matrix([1, 1]), row([0, poison]))).toEqual(expected);
    },
  );

  it('keeps as many tensors as it began with, and frees them all', () => {
    const { numTensors } = memory();
    const optimizer = new Optimizer([matrix([1, 2]), row([3])]);
    const begun = memory().numTensors;
    const given = [matrix([1, 1]), row([1]), nothing()] as const;
    const control = optimizer.step([given[0], given[1]], given[2], 1, 0.1, settings);
    for (const tensor of [...given, control]) tensor.dispose();
    expect(memory().numTensors).toBe(begun);
    optimizer.dispose();
    expect(memory().numTensors).toBe(numTensors);
  });
});
