// The reference models as the engine holds them, for tests that compare with the fixtures.
import { biasName, modelConfigFromDots1, parameterFrom } from '../checkpoint/dots1';
import { readSafetensors, type SafeTensors } from '../checkpoint/safetensors';
import { isMoeLayer, type ModelConfig } from '../config/modelConfig';
import { floatTensor, type Tensor } from '../kernels/tensor';
import { parameterSpecs } from '../model/parameters';
import { readFixture, readJsonFixture } from './fixtures';

/** The value of a result that a test relies on; throws with the error otherwise. */
export function valueOf<T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

export async function fixtureTensors(path: string): Promise<SafeTensors> {
  return valueOf(readSafetensors(await readFixture(path)));
}

export async function fixtureConfig(name: string): Promise<ModelConfig> {
  return valueOf(modelConfigFromDots1(await readJsonFixture(`${name}/config.json`)));
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
