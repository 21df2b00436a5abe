// The loss on a set of text, and the load it causes. Nothing here moves a weight or a bias.
import { moeLayerCount } from '../config/modelConfig';
import type { LiveModel } from '../model/liveModel';
import { textLoss } from '../training/loss';

export interface SetLoss {
  /** Cross entropy summed over tokens, nats. */
  readonly nats: number;
  readonly tokens: number;
  /** Assignments of each expert, [L, E]. */
  readonly load: Float32Array;
}

/**
 * Loss of a set of sequences, `sequencesAtOnce` in a pass; yields after each pass so that others can have a turn.
 * @param ids [count, length + 1] @param model looked up anew before each pass: a path may replace tensors when a step ends
 */
export async function* evaluateLoss(
  model: () => LiveModel,
  ids: Int32Array,
  length: number,
  sequencesAtOnce: number,
): AsyncGenerator<{ done: number; total: number }, SetLoss> {
  const row = length + 1;
  const count = ids.length / row;
  const { config } = model();
  const load = new Float32Array(moeLayerCount(config) * config.nRoutedExperts);
  let nats = 0;
  for (let start = 0; start < count; start += sequencesAtOnce) {
    const sequences = Math.min(sequencesAtOnce, count - start);
    const chunk = await textLoss(model(), ids.subarray(start * row, (start + sequences) * row), sequences, length);
    nats += chunk.nats;
    chunk.load.forEach((assignments, index) => (load[index]! += assignments));
    yield { done: start + sequences, total: count };
  }
  return { nats, tokens: count * length, load };
}
