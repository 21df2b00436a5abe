// The reference models as the engine holds them, for tests that compare with the fixtures.
import { biasName, parameterFrom } from '../checkpoint/dots1';
import { parseConfigJson } from '../checkpoint/exchange/configJson';
import { readSafetensors, type SafeTensors } from '../checkpoint/safetensors';
import { isMoeLayer, type ModelConfig } from '../config/modelConfig';
import { crossEntropy } from '../kernels/crossEntropy/crossEntropy';
import { floatTensor, intTensor, scaled, sumOf, type Tensor } from '../kernels/tensor';
import { parameterSpecs } from '../model/parameters';
import { plainRouterInputs } from '../model/routing';
import { positionsFor } from '../model/transformer';
import { readFixture } from './fixtures';

/** The value of a result that a test relies on; throws with the error otherwise. */
export function valueOf<T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

export async function fixtureTensors(path: string): Promise<SafeTensors> {
  return valueOf(readSafetensors(await readFixture(path)));
}

export async function fixtureConfig(name: string): Promise<ModelConfig> {
  return valueOf(parseConfigJson(new TextDecoder().decode(await readFixture(`${name}/config.json`)))).model;
}

/** Parameters and biases ([1, E] for each MoE layer) of a checkpoint, as tensors. */
export function tensorsOf(config: ModelConfig, checkpoint: SafeTensors): { parameters: Tensor[]; biases: Tensor[] } {
  const parameters = parameterSpecs(config).map((spec) =>
    floatTensor(valueOf(parameterFrom(checkpoint, spec.name, spec.shape)), [...spec.shape]),
  );
  const biases: Tensor[] = [];
  for (let layer = 0; layer < config.numHiddenLayers; layer++) {
    if (!isMoeLayer(config, layer)) continue;
    const bias = valueOf(parameterFrom(checkpoint, biasName(layer), [config.nRoutedExperts]));
    biases.push(floatTensor(bias, [1, config.nRoutedExperts]));
  }
  return { parameters, biases };
}

/** A reference model, and the batch its expected values are of: ids and targets [N]. */
export async function fixtureBatch(name: string) {
  const config = await fixtureConfig(name);
  const expected = await fixtureTensors(`${name}/expected.safetensors`);
  const { parameters, biases } = tensorsOf(config, await fixtureTensors(`${name}/model.safetensors`));
  const ids = expected.get('input_ids')!;
  const [sequences, length] = ids.shape as [number, number];
  const count = sequences * length;
  return {
    config,
    expected,
    parameters,
    routers: plainRouterInputs(config, biases),
    positions: positionsFor(config, sequences, length),
    ids: intTensor(ids.values as Int32Array, [count]),
    targets: intTensor(expected.get('targets')!.values as Int32Array, [count]),
  };
}

/** Mean cross entropy, a scalar. */
export const meanLoss = (logits: Tensor, targets: Tensor): Tensor =>
  scaled(sumOf(crossEntropy(logits, targets)), 1 / targets.size);

/** Largest |actual − expected| over the largest |expected|. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const gap = Math.abs(actual[i]! - expected[i]!);
    if (!(gap <= difference)) difference = gap;
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return difference / largest;
}
