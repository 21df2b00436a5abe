// A model judged by the held-out text, as every command words it.
import { layerRow, maxVio } from '../analysis/load';
import { moeLayerCount, type ModelConfig } from '../config/modelConfig';
import type { RunConfig } from '../config/trainConfig';
import { validationSets, type ValidationSet } from '../data/validation';
import { evaluateLoss } from '../evaluation/loss';
import type { LiveModel } from '../model/liveModel';
import type { ValidationResult } from '../protocol/events';
import { validationResult } from '../worker/messages';
import type { Text } from './engine';

/** One for all runs: losses of different seeds are then measured on the same text. */
const VALIDATION_SEED = 1;

/** @param tokensPerDomain predicted tokens a domain and language has at most */
export function setsOf({ corpus, tokenizer }: Text, { data, train }: RunConfig, tokensPerDomain: number): ValidationSet[] {
  const { sequenceLength } = train;
  return validationSets(corpus, data, { sequenceLength, maxTokensPerDomain: tokensPerDomain, seed: VALIDATION_SEED, tokenizer });
}

/** Losses of the model on `sets`. Nothing of the model is changed. @param model looked up anew before each pass */
export async function validate(
  model: () => LiveModel,
  sets: readonly ValidationSet[],
  { train }: RunConfig,
  step: number,
): Promise<ValidationResult> {
  const losses = [];
  for (const set of sets) {
    const passes = evaluateLoss(model, set.ids, train.sequenceLength, train.batchSize / train.shards);
    let pass = await passes.next();
    while (!pass.done) pass = await passes.next();
    losses.push({ set, ...pass.value });
  }
  return validationResult(step, losses);
}

/** `figure` of each MoE layer's row of a load [L, E]. */
export function perLayer(load: Float32Array, model: ModelConfig, figure: (row: Float32Array) => number = maxVio): number[] {
  return Array.from({ length: moeLayerCount(model) }, (_, layer) => figure(layerRow(load, layer, model.nRoutedExperts)));
}
