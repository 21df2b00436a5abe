import { beforeAll, expect, it } from 'vitest';
import { rngFor } from '../core/rng';
import { intTensor, read } from '../kernels/tensor';
import { bindParameters } from '../model/parameters';
import { plainRouterInputs } from '../model/routing';
import { forward, positionsFor } from '../model/transformer';
import { fixtureConfig, fixtureTensors, tensorsOf } from '../testing/fixtureModel';
import { startTestBackend } from '../testing/startTestBackend';
import { generate } from './generate';
import { sampleToken } from './sampling';

beforeAll(startTestBackend);

async function tinyA() {
  const config = await fixtureConfig('tiny-a');
  const { parameters, biases } = tensorsOf(config, await fixtureTensors('tiny-a/model.safetensors'));
  return { config, parameters, choiceOffsets: biases };
}

async function collect(ids: AsyncGenerator<number>): Promise<number[]> {
  const collected: number[] = [];
  for await (const id of ids) collected.push(id);
  return collected;
}

it('at temperature 0 each token is the most likely successor of everything before it', async () => {
  const model = await tinyA();
  const prompt = [5, 17, 60, 3];
  const settings = { tokens: 3, temperature: 0, stopAt: -1, contextLength: 64 };
  const made = await collect(generate(() => model, prompt, settings, rngFor(1, 'sample')));
  const ids = [...prompt];
  for (const next of made) {
    const { config, parameters, choiceOffsets } = model;
    const { logits } = forward(
      intTensor(Int32Array.from(ids), [ids.length]),
      bindParameters(config, parameters),
      positionsFor(config, 1, ids.length),
      plainRouterInputs(config, choiceOffsets),
      config,
    );
    const last = (await read(logits)).subarray((ids.length - 1) * config.vocabSize);
    expect(next).toBe(last.indexOf(Math.max(...last)));
    ids.push(next);
  }
  expect(made).toHaveLength(3);
});

it('the same seed gives the same text, another seed another; the context may be shorter than the text', async () => {
  const model = await tinyA();
  const settings = { tokens: 8, temperature: 1, stopAt: -1, contextLength: 8 };
  const made = (seed: number) => collect(generate(() => model, [5, 17, 60, 3], settings, rngFor(seed, 'sample')));
  const first = await made(1);
  expect(first).toHaveLength(8);
  expect(await made(1)).toEqual(first);
  expect(await made(2)).not.toEqual(first);
});

it('a token is drawn as often as softmax says', () => {
  const rng = rngFor(9, 'sample');
  const logits = [0, 1, 2];
  const counts = [0, 0, 0];
  for (let draw = 0; draw < 20_000; draw++) counts[sampleToken(logits, 0.5, rng)]!++;
  const weights = logits.map((logit) => Math.exp(logit / 0.5));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (const [id, count] of counts.entries()) expect(count / 20_000).toBeCloseTo(weights[id]! / total, 1);
});
