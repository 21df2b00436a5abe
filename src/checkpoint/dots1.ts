// The published layout of a dots1 checkpoint: its config.json, and one tensor per expert where the engine keeps a stack.
import type { ModelConfig } from '../config/modelConfig';
import { err, ok, type Result } from '../core/result';
import type { SafeTensors } from './safetensors';

/** The Hugging Face names of a `dots1` config, and ours. */
const FIELDS = {
  vocab_size: 'vocabSize',
  hidden_size: 'hiddenSize',
  intermediate_size: 'intermediateSize',
  moe_intermediate_size: 'moeIntermediateSize',
  num_hidden_layers: 'numHiddenLayers',
  num_attention_heads: 'numAttentionHeads',
  num_key_value_heads: 'numKeyValueHeads',
  head_dim: 'headDim',
  n_routed_experts: 'nRoutedExperts',
  n_shared_experts: 'nSharedExperts',
  num_experts_per_tok: 'numExpertsPerTok',
  n_group: 'nGroup',
  topk_group: 'topkGroup',
  norm_topk_prob: 'normTopkProb',
  routed_scaling_factor: 'routedScalingFactor',
  first_k_dense_replace: 'firstKDenseReplace',
  rms_norm_eps: 'rmsNormEps',
  rope_theta: 'ropeTheta',
  max_position_embeddings: 'maxPositionEmbeddings',
  initializer_range: 'initializerRange',
} as const satisfies Readonly<Record<string, keyof ModelConfig>>;

/** Class defaults of Dots1Config for what a file may leave out (head_dim: hidden_size / heads). */
const DEFAULTS: Partial<Record<keyof ModelConfig, number | boolean>> = {
  nGroup: 1,
  topkGroup: 1,
  firstKDenseReplace: 0,
  normTopkProb: false,
  routedScalingFactor: 1,
  rmsNormEps: 1e-6,
  ropeTheta: 1e4,
  maxPositionEmbeddings: 2048,
  initializerRange: 0.02,
};

/** A `ModelConfig` from the fields of a config.json; the caller still checks it. Names the first field that is missing. */
export function modelConfigFromDots1(json: Readonly<Record<string, unknown>>): Result<ModelConfig, string> {
  const config: Record<string, unknown> = { qkNorm: true };
  for (const [theirs, ours] of Object.entries(FIELDS)) {
    const value = Object.hasOwn(json, theirs) ? json[theirs] : DEFAULTS[ours];
    if (value !== undefined && value !== null) config[ours] = value;
    else if (ours === 'headDim') config[ours] = Number(json['hidden_size']) / Number(json['num_attention_heads']);
    else return err(theirs);
  }
  return ok(config as unknown as ModelConfig);
}

/** The name expert `expert` has in a checkpoint, from the stack's name. */
function expertName(stackName: string, expert: number): string {
  return stackName.replace('.mlp.experts.', `.mlp.experts.${expert}.`);
}

/**
 * Values of one parameter as the engine holds it: experts are stacked along a first axis.
 * @param shape the parameter's shape; [E, …] for stacks of experts
 * @param prefix put before the checkpoint's name, e.g. 'grad.'
 */
export function parameterFrom(
  tensors: SafeTensors,
  name: string,
  shape: readonly number[],
  prefix = '',
): Result<Float32Array, string> {
  const isStack = name.includes('.mlp.experts.');
  const parts = isStack ? Array.from({ length: shape[0]! }, (_, expert) => expertName(name, expert)) : [name];
  const partShape = isStack ? shape.slice(1) : shape;
  const size = partShape.reduce((product, length) => product * length, 1);
  const values = new Float32Array(size * parts.length);
  for (const [index, part] of parts.entries()) {
    const tensor = tensors.get(prefix + part);
    if (!tensor) return err(`${prefix}${part} is missing`);
    if (tensor.shape.join() !== partShape.join())
      return err(`${prefix}${part} is [${tensor.shape.join(', ')}], expected [${partShape.join(', ')}]`);
    values.set(tensor.values, index * size);
  }
  return ok(values);
}

/** Name of the balance bias of layer `layer`. */
export function biasName(layer: number): string {
  return `model.layers.${layer}.mlp.gate.e_score_correction_bias`;
}
