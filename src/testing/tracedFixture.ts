// A fixture as a live model and as plain float64 loops, and how near the two have to be.
import { expect } from 'vitest';
import type { LiveModel } from '../model/liveModel';
import { fixtureConfig, fixtureTensors, tensorsOf } from './fixtureModel';
import { ReferenceModel } from './referenceModel';

/** @param name `tiny-a` or `tiny-b` @returns both, and the first eleven ids of the fixture's own input */
export async function fixture(name: string): Promise<{ model: LiveModel; reference: ReferenceModel; ids: number[] }> {
  const config = await fixtureConfig(name);
  const checkpoint = await fixtureTensors(`${name}/model.safetensors`);
  const { parameters, biases } = tensorsOf(config, checkpoint);
  const inputs = (await fixtureTensors(`${name}/expected.safetensors`)).get('input_ids')!;
  return {
    model: { config, parameters, choiceOffsets: biases },
    reference: new ReferenceModel(config, checkpoint),
    ids: [...inputs.values.subarray(0, 11)],
  };
}

export const everywhere = { layers: null, tokens: null };
/** Float32 against float64, a few layers deep. */
export const close = (actual: number, expected: number, what: string, tolerance = 2e-4) =>
  expect(Math.abs(actual - expected), `${what}: ${actual} for ${expected}`).toBeLessThan(
    tolerance * Math.max(1, Math.abs(expected)),
  );
