import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { PRESETS } from '../config/presets';
import { linear } from '../kernels/linear/linear';
import { dispose, floatTensor, intTensor, memory, read, tidy } from '../kernels/tensor';
import type { LiveModel } from '../model/liveModel';
import { bindParameters, initialParameters } from '../model/parameters';
import { plainRouterInputs } from '../model/routing';
import { forwardHidden, positionsFor } from '../model/transformer';
import { testBackend } from '../testing/backend';
import { fixtureConfig, fixtureTensors, relativeError, tensorsOf } from '../testing/fixtureModel';
import { startTestBackend } from '../testing/startTestBackend';
import { Decoder } from './decoder';

beforeAll(startTestBackend);

let models: LiveModel[] = [];
let tensors = 0;
beforeEach(() => void (tensors = memory().numTensors));
afterEach(() => {
  for (const { parameters, choiceOffsets } of models) dispose([...parameters, ...choiceOffsets]);
  models = [];
  expect(memory().numTensors, 'tensors left behind').toBe(tensors);
});

async function fixture(name: string): Promise<LiveModel> {
  const config = await fixtureConfig(name);
  const { parameters, biases } = tensorsOf(config, await fixtureTensors(`${name}/model.safetensors`));
  models.push({ config, parameters, choiceOffsets: biases });
  return models.at(-1)!;
}

function fresh(preset: 'default' | 'dense', changes = {}): LiveModel {
  const config = { ...PRESETS[preset].model, ...changes };
  const offsets = Array.from({ length: config.nRoutedExperts > 0 ? 3 : 0 }, (_, layer) =>
    floatTensor(
      Float32Array.from({ length: config.nRoutedExperts }, (_, e) => ((e * 7 + layer) % 5) * 1e-3),
      [1, config.nRoutedExperts],
    ),
  );
  models.push({ config, parameters: initialParameters(config, 3), choiceOffsets: offsets });
  return models.at(-1)!;
}

/** The full pass over `ids`: logits after the last one, and the routing of all. */
async function fullPass({ config, parameters, choiceOffsets }: LiveModel, ids: readonly number[]) {
  const made = tidy(() => {
    const routers = plainRouterInputs(config, choiceOffsets);
    const input = intTensor(Int32Array.from(ids), [ids.length]);
    const positions = positionsFor(config, 1, ids.length);
    const { output, routings } = forwardHidden(input, bindParameters(config, parameters), positions, routers, config);
    return {
      logits: linear(output, bindParameters(config, parameters).head),
      routings: routings.flatMap(({ chosen, weights }) => [chosen, weights]),
    };
  });
  const logits = (await read(made.logits)).slice(-config.vocabSize);
  const routings = await Promise.all(made.routings.map(read));
  dispose([made.logits, ...made.routings]);
  const every = (rest: number) => routings.filter((_, index) => index % 2 === rest).flatMap((values) => [...values]);
  return { logits, chosen: every(0), weights: every(1) };
}

const someIds = (count: number, vocabSize: number) => Array.from({ length: count }, (_, i) => (i * 37 + 11) % vocabSize);

/** On wasm every sum has its order, so decoding has the very bits of the full pass. */
function expectSame(actual: Float32Array, wanted: ArrayLike<number>): void {
  if (testBackend() === 'wasm') expect(actual).toEqual(Float32Array.from(wanted));
  else expect(relativeError(actual, wanted)).toBeLessThan(2e-5);
}

for (const [name, load] of [
  ['tiny-a', () => fixture('tiny-a')],
  ['tiny-b', () => fixture('tiny-b')],
  ['the default preset', async () => fresh('default')],
  ['a dense model with grouped queries', async () => fresh('dense', { numKeyValueHeads: 2, qkNorm: false })],
] as const) {
  it(`${name}: token by token comes to the logits and the routing of the full pass`, async () => {
    const model = await load();
    const ids = someIds(16, model.config.vocabSize);
    const decoder = new Decoder(model, 16);
    const parts = [ids.slice(0, 9), ids.slice(9, 12), ...ids.slice(12).map((id) => [id])];
    let fed = 0;
    for (const part of parts) {
      const { logits, trace } = await decoder.feed(part, true);
      const full = await fullPass(model, ids.slice(0, fed + part.length));
      expectSame(logits, full.logits);
      const { layers, tokens, expertsPerToken } = trace!;
      expect(tokens).toBe(part.length);
      const length = fed + part.length;
      for (let layer = 0; layer < layers; layer++) {
        const wanted = (values: number[]) =>
          values.slice((layer * length + fed) * expertsPerToken, (layer + 1) * length * expertsPerToken);
        const here = [layer * tokens * expertsPerToken, (layer + 1) * tokens * expertsPerToken] as const;
        expect([...trace!.chosen.subarray(...here)]).toEqual(wanted(full.chosen));
        expectSame(trace!.weights.slice(...here), wanted(full.weights));
      }
      fed = length;
    }
    decoder.dispose();
  });
}

it('a text that was cleared leaves no trace in the next', async () => {
  const model = await fixture('tiny-b');
  const decoder = new Decoder(model, 24);
  await decoder.feed(someIds(20, model.config.vocabSize), false);
  decoder.clear();
  const ids = [3, 1, 2];
  await decoder.feed(ids.slice(0, 2), false);
  const { logits } = await decoder.feed(ids.slice(2), false);
  expectSame(logits, (await fullPass(model, ids)).logits);
  decoder.dispose();
});

it('refuses more tokens than its context holds, with both numbers', async () => {
  const decoder = new Decoder(await fixture('tiny-a'), 4);
  await decoder.feed([1, 2, 3], false);
  await expect(decoder.feed([1, 2], false)).rejects.toThrow('2 tokens after 3 in a context of 4');
  decoder.dispose();
});

it('a call leaves the number of tensors as it was', async () => {
  const decoder = new Decoder(await fixture('tiny-a'), 16);
  const before = memory().numTensors;
  for (const id of [1, 2, 3]) await decoder.feed([id], true);
  expect(memory().numTensors).toBe(before);
  decoder.dispose();
});
