// The decoder: embedding, layers with pre-norm residuals, final norm, untied head. Reads like MOE in the paper; what it observed is returned.
import type { ModelConfig } from '../config/modelConfig';
import { embedding } from '../kernels/embedding/embedding';
import { linear } from '../kernels/linear/linear';
import { ropeTables } from '../kernels/qkNormRope/qkNormRope';
import { rmsNorm } from '../kernels/rmsNorm/rmsNorm';
import { add, floatTensor, type Tensor } from '../kernels/tensor';
import { mlp } from './mlp';
import { moe } from './moe';
import type { LayerParameters, ModelParameters } from './parameters';
import type { RouterInputs, Routing } from './routing';
import { selfAttention, type Positions } from './selfAttention';

export interface ForwardPass {
  readonly logits: Tensor; // [N, V]
  /** One for each MoE layer, first to last. */
  readonly routings: readonly Routing[];
  /** The residual stream: after the embedding, then after each layer. */
  readonly hidden: readonly Tensor[]; // [N, C] each
  /** Attention statistics of each layer: largest scaled logit and logsumexp. */
  readonly attention: readonly Tensor[]; // [N, H, 2] each
}

/** Positions 0 … T − 1 for B sequences. The caller owns the tensors. */
export function positionsFor(config: ModelConfig, sequences: number, length: number): Positions {
  const { cos, sin } = ropeTables(config.headDim, config.ropeTheta, length);
  return {
    sequences,
    cos: floatTensor(cos, [length, config.headDim / 2]),
    sin: floatTensor(sin, [length, config.headDim / 2]),
    unitHead: floatTensor(new Float32Array(config.headDim).fill(1), [config.headDim]),
  };
}

function block(x: Tensor, layer: LayerParameters, positions: Positions, router: RouterInputs | undefined, config: ModelConfig) {
  const { y: attended, statistics } = selfAttention(
    rmsNorm(x, layer.inputNorm, config.rmsNormEps),
    layer.attention,
    positions,
    config,
  );
  const h = add(x, attended); // [N, C]
  const normed = rmsNorm(h, layer.postAttentionNorm, config.rmsNormEps);
  if (layer.ffn.kind === 'dense') return { y: add(h, mlp(normed, layer.ffn)), statistics, routing: null };
  if (!router) throw new Error('a MoE layer was given no router inputs');
  const { y, routing } = moe(normed, layer.ffn, router, config);
  return { y: add(h, y), statistics, routing };
}

/**
 * Everything up to the head.
 * @param ids token ids [N] int32, B sequences of T tokens one after the other
 * @param routers inputs of each MoE layer's router, first to last
 * @returns `output` [N, C]: the normed residual stream that the head reads
 */
export function forwardHidden(
  ids: Tensor,
  parameters: ModelParameters,
  positions: Positions,
  routers: readonly RouterInputs[],
  config: ModelConfig,
): Omit<ForwardPass, 'logits'> & { readonly output: Tensor } {
  let x = embedding(parameters.embedding, ids); // [N, C]
  const hidden = [x];
  const routings: Routing[] = [];
  const attention: Tensor[] = [];
  for (const layer of parameters.layers) {
    const { y, statistics, routing } = block(x, layer, positions, routers[routings.length], config);
    if (routing) routings.push(routing);
    attention.push(statistics);
    hidden.push(y);
    x = y;
  }
  return { output: rmsNorm(x, parameters.norm, config.rmsNormEps), routings, hidden, attention };
}

/** The whole model: see `forwardHidden`; `logits` [N, V] predict each token's successor. */
export function forward(
  ids: Tensor,
  parameters: ModelParameters,
  positions: Positions,
  routers: readonly RouterInputs[],
  config: ModelConfig,
): ForwardPass {
  const { output, ...observed } = forwardHidden(ids, parameters, positions, routers, config);
  return { ...observed, logits: linear(output, parameters.head) };
}
