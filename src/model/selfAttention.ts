// Multi-head causal self-attention with RMSNorm on q and k, before RoPE.
import type { ModelConfig } from '../config/modelConfig';
import { attention } from '../kernels/attention/attention';
import { linear } from '../kernels/linear/linear';
import { qkNormRope } from '../kernels/qkNormRope/qkNormRope';
import type { Tensor } from '../kernels/tensor';
import type { AttentionParameters } from './parameters';

/** What a forward pass knows about its tokens besides their ids. */
export interface Positions {
  /** Sequences B; the N tokens are B rows of T. */
  readonly sequences: number;
  readonly cos: Tensor; // [T, D/2]
  readonly sin: Tensor; // [T, D/2]
  /** Stands in for the norm weights where q/k-norm is off. */
  readonly unitHead: Tensor; // [D], ones
}

/** @param x [N, C] @returns y [N, C] and statistics [N, H, 2]: each row's largest scaled logit and logsumexp */
export function selfAttention(
  x: Tensor,
  parameters: AttentionParameters,
  positions: Positions,
  config: ModelConfig,
): { y: Tensor; statistics: Tensor } {
  const { cos, sin, unitHead, sequences } = positions;
  const norm = { eps: config.rmsNormEps, normalise: config.qkNorm };
  const q = qkNormRope(linear(x, parameters.q), parameters.qNorm ?? unitHead, cos, sin, norm); // [N, H·D]
  const k = qkNormRope(linear(x, parameters.k), parameters.kNorm ?? unitHead, cos, sin, norm); // [N, Hkv·D]
  const v = linear(x, parameters.v); // [N, Hkv·D]
  const { output, statistics } = attention(q, k, v, {
    sequences,
    heads: config.numAttentionHeads,
    keyValueHeads: config.numKeyValueHeads,
  });
  return { y: linear(output, parameters.o), statistics };
}
