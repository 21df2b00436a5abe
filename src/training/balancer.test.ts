// The rule of each balance mode on a load whose answer can be worked out by hand.
import { beforeAll, expect, it } from 'vitest';
import type { BalanceMode } from '../config/trainConfig';
import { floatTensor, memory, read } from '../kernels/tensor';
import { startTestBackend } from '../testing/startTestBackend';
import { Balancer } from './balancer';

beforeAll(startTestBackend);

/** Fair share 4: one busy expert, one fair, two idle. */
const LOAD = [12, 4, 0, 0];
const SPEED = 0.5;

/** The biases of one layer after a step in `mode` from the bias [1, 2, 3, 4], and the change that was told. */
async function afterStep(mode: BalanceMode, finite = 1) {
  const balancer = new Balancer(1, 4, [floatTensor(Float32Array.of(1, 2, 3, 4), [1, 4])]);
  const [change] = balancer.update(
    [floatTensor(Float32Array.of(...LOAD, 9, 9, 9, 9), [2, 4])],
    floatTensor(Float32Array.of(7, 7, finite), [3]),
    mode,
    SPEED,
  );
  return { bias: [...(await read(balancer.values[0]!))], change: [...(await read(change!))] };
}

it('sign: a busy expert loses γ, an idle one gains γ, a fair one keeps its bias', async () => {
  expect(await afterStep('sign')).toEqual({ bias: [0.5, 2, 3.5, 4.5], change: [-0.5, 0, 0.5, 0.5] });
});

it('proportional: γ times the distance from the fair share, in fair shares', async () => {
  expect(await afterStep('proportional')).toEqual({ bias: [0, 2, 3.5, 4.5], change: [-1, 0, 0.5, 0.5] });
});

it('recentred: the change of sign, less its mean', async () => {
  expect(await afterStep('recentred')).toEqual({ bias: [0.375, 1.875, 3.375, 4.375], change: [-0.625, -0.125, 0.375, 0.375] });
});

it('frozen and none move nothing, and neither does a step that is not finite', async () => {
  for (const mode of ['frozen', 'none'] as const)
    expect(await afterStep(mode)).toEqual({ bias: [1, 2, 3, 4], change: [0, 0, 0, 0] });
  const { bias, change } = await afterStep('sign', 0);
  expect(bias).toEqual([1, 2, 3, 4]);
  expect(change.every((moved) => moved === 0)).toBe(true);
});

it('mode none chooses by zeros and keeps the bias for later', async () => {
  const balancer = new Balancer(1, 2, [floatTensor(Float32Array.of(1, 2), [1, 2])]);
  expect([...(await read(balancer.choiceOffsets('none')[0]!))]).toEqual([0, 0]);
  expect([...(await read(balancer.choiceOffsets('frozen')[0]!))]).toEqual([1, 2]);
});

it('frees all it holds', () => {
  const { numTensors } = memory();
  new Balancer(3, 4).dispose();
  expect(memory().numTensors).toBe(numTensors);
});
