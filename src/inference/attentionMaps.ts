// Where each head of one layer looks, for a prompt.
import type { Intervention } from '../config/intervention';
import { assert } from '../core/assert';
import { rmsNorm } from '../kernels/rmsNorm/rmsNorm';
import { packed } from '../kernels/packed/packed';
import { prepared } from '../kernels/prepared';
import { dispose, intTensor, read, tidy, type Tensor } from '../kernels/tensor';
import type { LiveModel } from '../model/liveModel';
import { bindParameters } from '../model/parameters';
import { attentionProbabilities } from '../model/selfAttention';
import { forwardHidden, positionsFor } from '../model/transformer';
import { steeredRouterInputs } from './steer';

/**
 * @param ids a prompt of T tokens @param layer one of all layers, dense ones counted
 * @returns [H, T, T]: row t holds how much token t looks at each token; 0 for those after it
 */
export async function attentionMaps(
  model: LiveModel,
  ids: ArrayLike<number>,
  interventions: readonly Intervention[],
  layer: number,
): Promise<Float32Array> {
  const { config } = model;
  const { headDim: D, numAttentionHeads: H } = config;
  assert(layer >= 0 && layer < config.numHiddenLayers, `layer ${layer} of ${config.numHiddenLayers}`);
  const T = ids.length;
  const told = await prepared(null, () => attentionPass(model, ids, interventions, layer));
  const values = await read(told).finally(() => dispose(told));
  const maps = new Float32Array(H * T * T);
  for (let at = 0; at < values.length; at++) {
    const d = at % D;
    const head = Math.floor(at / D) % H;
    const t = Math.floor(at / (D * H)) % T;
    const seen = Math.floor(at / (D * H * T)) * D + d;
    if (seen < T) maps[(head * T + t) * T + seen] = values[at]!;
  }
  return maps;
}

/** The probabilities as the device lays them out, packed. */
export function attentionPass(
  { config, parameters: tensors, choiceOffsets }: LiveModel,
  ids: ArrayLike<number>,
  interventions: readonly Intervention[],
  layer: number,
): Tensor {
  const T = ids.length;
  const tokens = Int32Array.from(ids);
  return tidy(() => {
    const parameters = bindParameters(config, tensors);
    const positions = positionsFor(config, 1, T);
    const rows = { ids: tokens, positions: Int32Array.from({ length: T }, (_, t) => t) };
    const routers = steeredRouterInputs(config, choiceOffsets, interventions, rows);
    const { hidden } = forwardHidden(intTensor(tokens, [T]), parameters, positions, routers, config);
    const { inputNorm, attention } = parameters.layers[layer]!;
    return packed(attentionProbabilities(rmsNorm(hidden[layer]!, inputNorm, config.rmsNormEps), attention, positions, config));
  });
}
