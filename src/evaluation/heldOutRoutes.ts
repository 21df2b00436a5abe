// Where a model sends the tokens of a text, and how surprised it is by what follows them. Nothing here moves a weight or a bias.
import type { TextRoutes } from '../analysis/routeComparison';
import { moeLayerCount } from '../config/modelConfig';
import type { TextBatch } from '../inference/sharedPrefix';
import { lossAndChoices } from '../inference/lossAndChoices';
import type { LiveModel } from '../model/liveModel';

export interface HeldOutRoutes {
  /** Each sequence is a text. */
  readonly routes: TextRoutes;
  /** Mean cross entropy of what follows each token, nats. */
  readonly nats: number;
}

/** Reads batch after batch; yields after each so that others can have a turn. @param model must not change until the end */
export async function* heldOutRoutes(
  model: LiveModel,
  batches: readonly TextBatch[],
): AsyncGenerator<{ done: number; total: number }, HeldOutRoutes> {
  const { nRoutedExperts: experts, numExpertsPerTok: K } = model.config;
  const layers = moeLayerCount(model.config);
  const ids = Int32Array.from(batches.flatMap(({ inputs }) => [...inputs]));
  const chosen = new Int16Array(layers * ids.length * K);
  let nats = 0;
  let first = 0;
  for (const [index, batch] of batches.entries()) {
    const N = batch.inputs.length;
    const seen = await lossAndChoices(model, batch);
    nats += seen[0]!;
    for (let layer = 0; layer < layers; layer++)
      chosen.set(seen.subarray(1 + layer * N * K, 1 + (layer + 1) * N * K), (layer * ids.length + first) * K);
    first += N;
    yield { done: index + 1, total: batches.length };
  }
  const tokens = Int32Array.from(batches.flatMap(({ sequences, length }) => Array<number>(sequences).fill(length)));
  return { routes: { layers, experts, expertsPerToken: K, tokens, ids, chosen }, nats: nats / ids.length };
}
