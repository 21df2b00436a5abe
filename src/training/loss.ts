// The loss of text as training measures it: inputs, their successors, cross entropy; and, without a gradient, the load it causes.
import { moeLayerCount } from '../config/modelConfig';
import { crossEntropy } from '../kernels/crossEntropy/crossEntropy';
import { packed } from '../kernels/packed/packed';
import { prepared } from '../kernels/prepared';
import { dispose, intTensor, read, sumOf, tidy, type Tensor } from '../kernels/tensor';
import type { LiveModel } from '../model/liveModel';
import { bindParameters } from '../model/parameters';
import { plainRouterInputs } from '../model/routing';
import { forward, positionsFor } from '../model/transformer';

/** Inputs and their successors of [B, T + 1] ids, each [B·T]. */
export function shifted(ids: Int32Array, sequences: number, length: number) {
  const inputs = new Int32Array(sequences * length);
  const targets = new Int32Array(sequences * length);
  for (let b = 0; b < sequences; b++) {
    const row = ids.subarray(b * (length + 1), (b + 1) * (length + 1));
    inputs.set(row.subarray(0, length), b * length);
    targets.set(row.subarray(1), b * length);
  }
  return { inputs, targets };
}

/** The same as int32 tensors that the caller owns. */
export function inputsAndTargets(ids: Int32Array, sequences: number, length: number): { inputs: Tensor; targets: Tensor } {
  const { inputs, targets } = shifted(ids, sequences, length);
  return { inputs: intTensor(inputs, [inputs.length]), targets: intTensor(targets, [targets.length]) };
}

export interface TextLoss {
  /** Cross entropy summed over the predicted tokens, nats. */
  readonly nats: number;
  /** Assignments of each expert, [L, E]. */
  readonly load: Float32Array;
}

/** One forward pass over `sequences` rows of ids [sequences, length + 1]: the loss, then each MoE layer's totals, laid end to end. */
export function lossPass(model: LiveModel, ids: Int32Array, sequences: number, length: number): Tensor {
  const { config } = model;
  return tidy(() => {
    const { inputs, targets } = inputsAndTargets(ids, sequences, length);
    const routers = plainRouterInputs(config, model.choiceOffsets);
    const parameters = bindParameters(config, model.parameters);
    const pass = forward(inputs, parameters, positionsFor(config, sequences, length), routers, config);
    return packed([sumOf(crossEntropy(pass.logits, targets)), ...pass.routings.map(({ totals }) => totals)]);
  });
}

/** The loss of `sequences` rows of ids [sequences, length + 1] in one forward pass. Moves no weight and no bias. */
export async function textLoss(model: LiveModel, ids: Int32Array, sequences: number, length: number): Promise<TextLoss> {
  const { config } = model;
  const kind = JSON.stringify(['loss', config, sequences, length]);
  const told = await prepared(kind, () => lossPass(model, ids, sequences, length));
  const values = await read(told).finally(() => dispose(told));
  const L = moeLayerCount(config);
  const E = config.nRoutedExperts;
  const load = new Float32Array(L * E);
  for (let layer = 0; layer < L; layer++) load.set(values.subarray(1 + 2 * layer * E, 1 + (2 * layer + 1) * E), layer * E);
  return { nats: values[0]!, load };
}
