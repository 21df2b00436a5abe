// The decoder of this repository, written for jax-js in the forms it runs fastest: weights as [in, out], heads by matmul, one-hot for
// lookups (its gather has no gradient inside jit), and every token through every expert, since shapes cannot follow the routes. An array is given up where it is used last; `.ref` keeps it for another use.
import { lax, nn, numpy as np } from '@jax-js/jax';
import { isMoeLayer, type ModelConfig } from '../../src/config/modelConfig';
import { ropeTables } from '../../src/kernels/qkNormRope/qkNormRope';

/** By the names of `peerWeights`; `meanLoss` does not read `embedding`. */
export type Weights = Record<string, np.Array>;

/** Arrays a forward pass reads and does not learn. */
export interface Constants {
  readonly cos: np.Array; // [T, D/2]
  readonly sin: np.Array; // [T, D/2]
  readonly mask: np.Array; // [T, T], 0 or −1e9
}

export function constantsFor({ headDim, ropeTheta }: ModelConfig, length: number): Constants {
  const { cos, sin } = ropeTables(headDim, ropeTheta, length, 0);
  const mask = Float32Array.from({ length: length * length }, (_, i) => (i % length > Math.floor(i / length) ? -1e9 : 0));
  return {
    cos: np.array(Float32Array.from(cos)).reshape([length, headDim / 2]),
    sin: np.array(Float32Array.from(sin)).reshape([length, headDim / 2]),
    mask: np.array(mask).reshape([length, length]),
  };
}

/** weight·x·rsqrt(mean(x²) + eps) over the last axis. */
function rmsNorm(x: np.Array, weight: np.Array, eps: number): np.Array {
  const meanSquare = np.mean(np.square(x.ref), -1, { keepdims: true });
  return x.div(np.sqrt(meanSquare.add(eps))).mul(weight);
}

/** Half-rotation of x [B, H, T, D]. */
function rotate(x: np.Array, { cos, sin }: Constants): np.Array {
  const [first, second] = np.split(x, 2, -1) as [np.Array, np.Array];
  const left = first.ref.mul(cos.ref).sub(second.ref.mul(sin.ref));
  const right = second.mul(cos.ref).add(first.mul(sin.ref));
  return np.concatenate([left, right], -1);
}

function attention(x: np.Array, w: Weights, layer: number, constants: Constants, config: ModelConfig, sequences: number) {
  const { numAttentionHeads: H, headDim: D, rmsNormEps } = config;
  const T = x.shape[0]! / sequences;
  const heads = (name: string) => np.matmul(x.ref, w[`${layer}.${name}`]!).reshape([sequences, T, H, D]).transpose([0, 2, 1, 3]); // [B, H, T, D]
  const q = rotate(rmsNorm(heads('q'), w[`${layer}.qNorm`]!, rmsNormEps), constants);
  const k = rotate(rmsNorm(heads('k'), w[`${layer}.kNorm`]!, rmsNormEps), constants);
  const v = heads('v');
  x.dispose();
  const scores = np.matmul(q, k.transpose([0, 1, 3, 2])).mul(D ** -0.5);
  const mixed = np.matmul(nn.softmax(scores.add(constants.mask.ref), -1), v); // [B, H, T, D]
  return np.matmul(mixed.transpose([0, 2, 1, 3]).reshape([sequences * T, H * D]), w[`${layer}.o`]!);
}

function mlp(x: np.Array, w: Weights, layer: number): np.Array {
  const gate = np.matmul(x.ref, w[`${layer}.gate`]!);
  const up = np.matmul(x, w[`${layer}.up`]!);
  return np.matmul(nn.silu(gate).mul(up), w[`${layer}.down`]!);
}

const WEIGHT_FLOOR = 1e-20;

/**
 * y = Σ_e m_e·SwiGLU_e(x) + SwiGLU_shared(x), all experts as one wide SwiGLU with masked columns. m: the sigmoid scores of the K experts
 * with the largest score + bias, normalised and scaled; 0 for the others. Gives up `x` and the bias [1, E]. @returns y and the load [1, E]
 */
function moe(x: np.Array, w: Weights, layer: number, bias: np.Array, config: ModelConfig): { y: np.Array; load: np.Array } {
  const { nRoutedExperts: E, moeIntermediateSize: I, numExpertsPerTok: K, routedScalingFactor } = config;
  const tokens = x.shape[0]!;
  const scores = nn.sigmoid(np.matmul(x.ref, w[`${layer}.router`]!)); // [N, E]
  const choice = lax.stopGradient(scores.ref).add(bias);
  const [best, indices] = lax.topK(choice.ref, K); // [N, K]
  indices.dispose();
  const chosen = np.greaterEqual(choice, np.min(best, -1, { keepdims: true })).astype(np.float32); // [N, E]
  const load = np.sum(chosen.ref, 0, { keepdims: true });
  const raw = scores.mul(chosen);
  const weights = raw.ref.div(np.sum(raw, -1, { keepdims: true }).add(WEIGHT_FLOOR)).mul(routedScalingFactor);
  const gate = np.matmul(x.ref, w[`${layer}.expertGate`]!); // [N, E·I]
  const up = np.matmul(x.ref, w[`${layer}.expertUp`]!);
  const hidden = nn
    .silu(gate)
    .mul(up)
    .reshape([tokens, E, I])
    .mul(weights.reshape([tokens, E, 1]));
  const routed = np.matmul(hidden.reshape([tokens, E * I]), w[`${layer}.expertDown`]!);
  return { y: routed.add(mlp(x, w, layer)), load };
}

/**
 * Mean cross entropy of `targets`, one-hot [N, V], after the embedded tokens `embedded` [N, C]; gives up all of them, the weights and the
 * biases (by layer, [1, E]); and the load of each MoE layer, [1, E].
 * The lookup itself is the caller's: jax-js fuses the gradient that arrives at it into the lookup's own product, where it is computed anew
 * for every word of the vocabulary (a third of the step), unless it is an output of the compiled function.
 */
export function meanLoss(
  w: Weights,
  embedded: np.Array,
  biases: Weights,
  targets: np.Array,
  constants: Constants,
  config: ModelConfig,
  sequences: number,
): [np.Array, Weights] {
  const tokens = embedded.shape[0]!;
  const loads: Weights = {};
  let x = embedded; // [N, C]
  for (let layer = 0; layer < config.numHiddenLayers; layer++) {
    const normed = rmsNorm(x.ref, w[`${layer}.inputNorm`]!, config.rmsNormEps);
    const h = x.add(attention(normed, w, layer, constants, config, sequences));
    const between = rmsNorm(h.ref, w[`${layer}.postAttentionNorm`]!, config.rmsNormEps);
    if (isMoeLayer(config, layer)) {
      const { y, load } = moe(between, w, layer, biases[layer]!, config);
      loads[layer] = load;
      x = h.add(y);
    } else x = h.add(mlp(between, w, layer));
  }
  const logits = np.matmul(rmsNorm(x, w['norm']!, config.rmsNormEps), w['head']!); // [N, V]
  const loss = nn
    .logSoftmax(logits, -1)
    .mul(targets)
    .sum()
    .mul(-1 / tokens);
  return [loss, loads];
}
