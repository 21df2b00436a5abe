// The weights our run starts from, as a peer that multiplies from the left wants them: matrices as [in, out], experts side by side.
import type { ModelConfig } from '../../src/config/modelConfig';
import { initialValues, parameterSpecs } from '../../src/model/parameters';

export interface PeerWeight {
  readonly values: Float32Array<ArrayBuffer>;
  readonly shape: readonly number[];
}

/** Hugging Face's name of a tensor, as the peers call it. */
const SHORT: Readonly<Record<string, string>> = {
  input_layernorm: 'inputNorm',
  post_attention_layernorm: 'postAttentionNorm',
  'self_attn.q_proj': 'q',
  'self_attn.k_proj': 'k',
  'self_attn.v_proj': 'v',
  'self_attn.o_proj': 'o',
  'self_attn.q_norm': 'qNorm',
  'self_attn.k_norm': 'kNorm',
  'mlp.gate_proj': 'gate',
  'mlp.up_proj': 'up',
  'mlp.down_proj': 'down',
  'mlp.gate': 'router',
  'mlp.experts.gate_proj': 'expertGate',
  'mlp.experts.up_proj': 'expertUp',
  'mlp.experts.down_proj': 'expertDown',
  'mlp.shared_experts.gate_proj': 'gate',
  'mlp.shared_experts.up_proj': 'up',
  'mlp.shared_experts.down_proj': 'down',
  'model.embed_tokens': 'embedding',
  'model.norm': 'norm',
  lm_head: 'head',
};

function shortName(name: string): string {
  const [, layer, rest] = /^(?:model\.layers\.(\d+)\.)?(.*)\.weight$/.exec(name) ?? [];
  const short = SHORT[rest ?? ''];
  if (!short) throw new Error(`the peers' models have no ${name}`);
  return layer === undefined ? short : `${layer}.${short}`;
}

/** [rows, columns] → [columns, rows], laid out afresh: a transposed view would be read across in every step. */
function transposed(values: Float32Array, rows: number, columns: number): Float32Array<ArrayBuffer> {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column]!;
  return result;
}

/** Each expert's [C, I] transposed, one under the other: [E·I, C]. */
function downOfExperts(values: Float32Array, experts: number, C: number, I: number): Float32Array<ArrayBuffer> {
  const result = new Float32Array(values.length);
  for (let expert = 0; expert < experts; expert++) {
    const part = values.subarray(expert * C * I, (expert + 1) * C * I);
    result.set(transposed(part, C, I), expert * C * I);
  }
  return result;
}

function laidOut(name: string, values: Float32Array<ArrayBuffer>, shape: readonly number[]): PeerWeight {
  const [first, second, third] = shape as [number, number, number];
  if (name.endsWith('expertDown')) return { values: downOfExperts(values, first, second, third), shape: [first * third, second] };
  // Gate and up of all experts: [E, I, C] is one matrix [E·I, C].
  if (shape.length === 3) return { values: transposed(values, first * second, third), shape: [third, first * second] };
  if (shape.length === 1 || name === 'embedding') return { values, shape };
  return { values: transposed(values, first, second), shape: [second, first] };
}

/**
 * By name: `embedding` [V, C], `norm`, `head`, and for layer l `l.inputNorm`, `l.q`, … In a MoE layer `l.gate`, `l.up`, `l.down` are the
 * shared experts and `l.expertGate`, `l.expertUp` [C, E·I], `l.expertDown` [E·I, C] the routed ones.
 */
export function peerWeights(model: ModelConfig, seed: number): Record<string, PeerWeight> {
  return Object.fromEntries(
    parameterSpecs(model).map((spec, index) => {
      const name = shortName(spec.name);
      const values = initialValues(spec, index, model, seed) as Float32Array<ArrayBuffer>;
      return [name, laidOut(name, values, spec.shape)];
    }),
  );
}
