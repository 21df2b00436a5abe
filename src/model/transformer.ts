// The decoder: embedding, layers with pre-norm residuals, final norm, untied head. Reads like MOE in the paper; what it observed is returned.
import type { ModelConfig } from '../config/modelConfig';
import { embedding } from '../kernels/embedding/embedding';
import { linear } from '../kernels/linear/linear';
import { ropeTables } from '../kernels/qkNormRope/qkNormRope';
import { residualNorm } from '../kernels/residualNorm/residualNorm';
import { rmsNorm } from '../kernels/rmsNorm/rmsNorm';
import { swiglu } from '../kernels/swiglu/swiglu';
import { floatTensor, type Tensor } from '../kernels/tensor';
import { moe } from './moe';
import type { AttentionParameters, LayerParameters, ModelParameters } from './parameters';
import type { RouterInputs, Routing } from './routing';
import { cachedSelfAttention, selfAttention, type Positions } from './selfAttention';

export interface ForwardPass {
  readonly logits: Tensor; // [N, V]
  /** One for each MoE layer, first to last. */
  readonly routings: readonly Routing[];
  /** The residual stream: after the embedding, then after each layer. */
  readonly hidden: readonly Tensor[]; // [N, C] each
  /** Attention statistics of each layer: largest scaled logit and logsumexp. */
  readonly attention: readonly Tensor[]; // [N, H, 2] each
  readonly moeInputs: readonly MoeInput[];
}

/** What a MoE layer was given. */
export interface MoeInput {
  /** The residual stream behind the layer's attention: the experts' output is added to it. */
  readonly stream: Tensor; // [N, C]
  /** The same, normed: what router and experts read. */
  readonly x: Tensor; // [N, C]
}

/** Positions start … start + T − 1 for B sequences. The caller owns the tensors. */
export function positionsFor(config: ModelConfig, sequences: number, length: number, start = 0): Positions {
  const { cos, sin } = ropeTables(config.headDim, config.ropeTheta, length, start);
  return {
    sequences,
    start,
    cos: floatTensor(cos, [length, config.headDim / 2]),
    sin: floatTensor(sin, [length, config.headDim / 2]),
    unitHead: floatTensor(new Float32Array(config.headDim).fill(1), [config.headDim]),
  };
}

/** One layer's attention: y [N, C], and what it leaves beside that. */
type Attend<Left> = (x: Tensor, parameters: AttentionParameters, layer: number) => { y: Tensor; left: Left };

function feedForward(x: Tensor, { ffn }: LayerParameters, router: RouterInputs | undefined, config: ModelConfig) {
  if (ffn.kind === 'dense') return { y: swiglu(x, ffn), routing: null };
  if (!router) throw new Error('a MoE layer was given no router inputs');
  return moe(x, ffn, router, config);
}

/** The layers from number `first` on, whatever their attention sees. @param start [N, C] the residual stream before them */
function decoder<Left>(
  start: Tensor,
  first: number,
  parameters: ModelParameters,
  attend: Attend<Left>,
  routers: readonly RouterInputs[],
  config: ModelConfig,
) {
  const { layers, norm } = parameters;
  /** Norm of what layer `index` reads; behind the last one the head's. */
  const normBefore = (index: number): Tensor => layers[index]?.inputNorm ?? norm;
  let x = start;
  let read = rmsNorm(x, normBefore(first), config.rmsNormEps); // [N, C]
  const hidden = [x];
  const routings: Routing[] = [];
  const moeInputs: MoeInput[] = [];
  const left: Left[] = [];
  for (const [index, layer] of layers.entries()) {
    if (index < first) continue;
    const attended = attend(read, layer.attention, index);
    const { stream: h, normed } = residualNorm(x, attended.y, layer.postAttentionNorm, config.rmsNormEps); // [N, C]
    const { y, routing } = feedForward(normed, layer, routers[index - config.firstKDenseReplace], config);
    ({ stream: x, normed: read } = residualNorm(h, y, normBefore(index + 1), config.rmsNormEps));
    hidden.push(x);
    left.push(attended.left);
    if (!routing) continue;
    routings.push(routing);
    moeInputs.push({ stream: h, x: normed });
  }
  return { output: read, hidden, routings, moeInputs, left };
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
  return forwardFrom(embedding(parameters.embedding, ids), 0, parameters, positions, routers, config);
}

/**
 * The same from layer `first` on.
 * @param x [N, C] the residual stream before that layer
 * @returns `hidden`, `routings` and the like of the layers that ran
 */
export function forwardFrom(
  x: Tensor,
  first: number,
  parameters: ModelParameters,
  positions: Positions,
  routers: readonly RouterInputs[],
  config: ModelConfig,
): Omit<ForwardPass, 'logits'> & { readonly output: Tensor } {
  const attend: Attend<Tensor> = (normed, layer) => {
    const { y, statistics } = selfAttention(normed, layer, positions, config);
    return { y, left: statistics };
  };
  const { left, ...pass } = decoder(x, first, parameters, attend, routers, config);
  return { ...pass, attention: left };
}

/**
 * The same for the next tokens of one text, of which `caches` hold those before `positions.start`.
 * @param ids [N] int32
 * @param caches one a layer, [capacity, 2·Hkv·D]: given up for those returned (some may be the very same, written in place)
 */
export function forwardCached(
  ids: Tensor,
  parameters: ModelParameters,
  positions: Positions,
  caches: readonly Tensor[],
  routers: readonly RouterInputs[],
  config: ModelConfig,
): { readonly output: Tensor; readonly routings: readonly Routing[]; readonly caches: readonly Tensor[] } {
  const attend: Attend<Tensor> = (x, layer, index) => {
    const { y, cache } = cachedSelfAttention(x, layer, positions, caches[index]!, config);
    return { y, left: cache };
  };
  const { output, routings, left } = decoder(embedding(parameters.embedding, ids), 0, parameters, attend, routers, config);
  return { output, routings, caches: left };
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
