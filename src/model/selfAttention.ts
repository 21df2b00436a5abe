// Multi-head causal self-attention with RMSNorm on q and k, before RoPE.
import type { ModelConfig } from '../config/modelConfig';
import { attention } from '../kernels/attention/attention';
import { cachedAttention } from '../kernels/cachedAttention/cachedAttention';
import { linear } from '../kernels/linear/linear';
import { qkNormRope } from '../kernels/qkNormRope/qkNormRope';
import { qkvProjections } from '../kernels/qkvProjections/qkvProjections';
import { floatTensor, type Tensor } from '../kernels/tensor';
import type { AttentionParameters } from './parameters';

/** What a forward pass knows about its tokens besides their ids. */
export interface Positions {
  /** Sequences B; the N tokens are B rows of T. */
  readonly sequences: number;
  /** Position of each sequence's first token: the length of what a cache holds already, else 0. */
  readonly start: number;
  readonly cos: Tensor; // [T, D/2]
  readonly sin: Tensor; // [T, D/2]
  /** Stands in for the norm weights where q/k-norm is off. */
  readonly unitHead: Tensor; // [D], ones
}

/** What attention works with: q [N, H·D] and k [N, Hkv·D], normed and turned to their positions, and v [N, Hkv·D]. */
function projections(x: Tensor, parameters: AttentionParameters, positions: Positions, config: ModelConfig) {
  const { cos, sin, unitHead } = positions;
  const { q, k, v } = qkvProjections(x, parameters);
  const weights = { qWeight: parameters.qNorm ?? unitHead, kWeight: parameters.kNorm ?? unitHead };
  return { ...qkNormRope({ q, k, ...weights, cos, sin }, { eps: config.rmsNormEps, normalise: config.qkNorm }), v };
}

/** @param x [N, C] @returns y [N, C] and statistics [N, H, 2]: each row's largest scaled logit and logsumexp */
export function selfAttention(
  x: Tensor,
  parameters: AttentionParameters,
  positions: Positions,
  config: ModelConfig,
): { y: Tensor; statistics: Tensor } {
  const { q, k, v } = projections(x, parameters, positions, config);
  const { output, statistics } = attention(q, k, v, {
    sequences: positions.sequences,
    heads: config.numAttentionHeads,
    keyValueHeads: config.numKeyValueHeads,
  });
  return { y: linear(output, parameters.o), statistics };
}

/**
 * The same for the next tokens of one text, which also see what `cache` holds of those before `positions.start`.
 * @param x [N, C] @param cache [capacity, 2·Hkv·D], see `cachedAttention`: given up for the one returned @returns y [N, C]
 */
export function cachedSelfAttention(
  x: Tensor,
  parameters: AttentionParameters,
  positions: Positions,
  cache: Tensor,
  config: ModelConfig,
): { y: Tensor; cache: Tensor } {
  const { q, k, v } = projections(x, parameters, positions, config);
  const { output, cache: next } = cachedAttention(q, k, v, cache, {
    start: positions.start,
    heads: config.numAttentionHeads,
    keyValueHeads: config.numKeyValueHeads,
  });
  return { y: linear(output, parameters.o), cache: next };
}

/**
 * Where each head looks. Attention gives back mixtures of values: for values that are the rows of an identity, D of them at a time, the
 * mixtures are the probabilities themselves, from the very kernel the model runs.
 * @param x [T, C], one text
 * @returns ⌈T/D⌉ matrices [T, H·D]: number c holds at (t, h·D + d) how much head h of token t looks at token c·D + d
 */
export function attentionProbabilities(
  x: Tensor,
  parameters: AttentionParameters,
  positions: Positions,
  config: ModelConfig,
): Tensor[] {
  const { q, k } = projections(x, parameters, positions, config);
  const T = x.shape[0]!;
  const { headDim: D, numAttentionHeads: heads, numKeyValueHeads: keyValueHeads } = config;
  return Array.from({ length: Math.ceil(T / D) }, (_, chunk) => {
    const unit = new Float32Array(T * keyValueHeads * D);
    for (let d = 0; d < D && chunk * D + d < T; d++)
      for (let head = 0; head < keyValueHeads; head++) unit[(chunk * D + d) * keyValueHeads * D + head * D + d] = 1;
    return attention(q, k, floatTensor(unit, [T, keyValueHeads * D]), { sequences: 1, heads, keyValueHeads }).output;
  });
}
