import { beforeAll, expect, it } from 'vitest';
import { fixtureConfig, fixtureTensors, tensorsOf } from '../testing/fixtureModel';
import { startTestBackend } from '../testing/startTestBackend';
import { evaluateLoss } from './loss';

beforeAll(startTestBackend);

async function tinyB() {
  const config = await fixtureConfig('tiny-b');
  const expected = await fixtureTensors('tiny-b/expected.safetensors');
  const { parameters, biases } = tensorsOf(config, await fixtureTensors('tiny-b/model.safetensors'));
  const inputs = expected.get('input_ids')!;
  const targets = expected.get('targets')!.values;
  const [sequences, length] = inputs.shape as [number, number];
  const ids = new Int32Array(sequences * (length + 1));
  for (let b = 0; b < sequences; b++) {
    ids.set(inputs.values.subarray(b * length, (b + 1) * length), b * (length + 1));
    ids[(b + 1) * (length + 1) - 1] = targets[(b + 1) * length - 1]!;
  }
  return { model: { config, parameters, choiceOffsets: biases }, ids, length, sequences, expected };
}

async function finish<T>(generator: AsyncGenerator<unknown, T>): Promise<T> {
  for (;;) {
    const { done, value } = await generator.next();
    if (done) return value as T;
  }
}

it('the loss and the load of a set are those of the reference, however many sequences a pass has', async () => {
  const { model, ids, length, sequences, expected } = await tinyB();
  const load = [0, 1, 2, 3].flatMap((layer) => [...expected.get(`router.${layer}.load`)!.values]);
  for (const atOnce of [1, sequences]) {
    const result = await finish(evaluateLoss(() => model, ids, length, atOnce));
    expect(result.tokens).toBe(sequences * length);
    expect(result.nats / result.tokens / expected.get('loss')!.values[0]!).toBeCloseTo(1, 4);
    expect([...result.load]).toEqual(load);
  }
});
