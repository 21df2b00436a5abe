// The loss on a set of text, and the load it causes. Nothing here moves a weight or a bias.
import { moeLayerCount } from '../config/modelConfig';
import { crossEntropy } from '../kernels/crossEntropy/crossEntropy';
import { dispose, packed, read, sumOf, tidy } from '../kernels/tensor';
import type { LiveModel } from '../model/liveModel';
import { bindParameters } from '../model/parameters';
import { plainRouterInputs } from '../model/routing';
import { forward, positionsFor } from '../model/transformer';
import { inputsAndTargets } from '../training/shard';

export interface SetLoss {
  /** Cross entropy summed over tokens, nats. */
  readonly nats: number;
  readonly tokens: number;
  /** Assignments of each expert, [L, E]. */
  readonly load: Float32Array;
}

/** The loss of `sequences` rows of ids [sequences, length + 1] in one forward pass. */
async function chunkLoss(
  model: LiveModel,
  ids: Int32Array,
  sequences: number,
  length: number,
): Promise<{ nats: number; load: Float32Array }> {
  const { config } = model;
  const positions = positionsFor(config, sequences, length);
  const routers = plainRouterInputs(config, model.choiceOffsets);
  const { inputs, targets } = inputsAndTargets(ids, sequences, length);
  const told = tidy(() => {
    const pass = forward(inputs, bindParameters(config, model.parameters), positions, routers, config);
    return packed([sumOf(crossEntropy(pass.logits, targets)), ...pass.routings.map(({ totals }) => totals)]);
  });
  const values = await read(told);
  dispose([told, inputs, targets, positions.cos, positions.sin, positions.unitHead]);
  if (routers.length > 0) dispose([routers[0]!.contribution, routers[0]!.given]);
  const L = moeLayerCount(config);
  const E = config.nRoutedExperts;
  const load = new Float32Array(L * E);
  for (let layer = 0; layer < L; layer++) load.set(values.subarray(1 + 2 * layer * E, 1 + (2 * layer + 1) * E), layer * E);
  return { nats: values[0]!, load };
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
    const chunk = await chunkLoss(model(), ids.subarray(start * row, (start + sequences) * row), sequences, length);
    nats += chunk.nats;
    chunk.load.forEach((assignments, index) => (load[index]! += assignments));
    yield { done: start + sequences, total: count };
  }
  return { nats, tokens: count * length, load };
}
