// The tensors of a model: their names, shapes and first values. Expert matrices are stacked; checkpoint/ splits them into the published names.
import { isMoeLayer, type ModelConfig } from '../config/modelConfig';
import { assert } from '../core/assert';
import { rngFor } from '../core/rng';
import { floatTensor, zeros, type Tensor } from '../kernels/tensor';

export interface ParameterSpec {
  /** Hugging Face name; for stacked experts the name without the expert's number. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Norm weights start at one, everything else is normal with initializerRange. */
  readonly initial: 'normal' | 'ones';
}

interface MlpParameters {
  readonly gate: Tensor; // [I, C]; stacked experts [E, I, C]
  readonly up: Tensor; // as gate
  readonly down: Tensor; // [C, I]; stacked experts [E, C, I]
}

export interface AttentionParameters {
  readonly q: Tensor; // [H·D, C]
  readonly k: Tensor; // [Hkv·D, C]
  readonly v: Tensor; // [Hkv·D, C]
  readonly o: Tensor; // [C, H·D]
  /** Absent where the config switches q/k-norm off. */
  readonly qNorm: Tensor | null; // [D]
  readonly kNorm: Tensor | null; // [D]
}

export interface MoeParameters {
  readonly kind: 'moe';
  readonly router: Tensor; // [E, C]
  readonly experts: MlpParameters;
  readonly shared: MlpParameters | null;
}

export interface LayerParameters {
  readonly inputNorm: Tensor; // [C]
  readonly attention: AttentionParameters;
  readonly postAttentionNorm: Tensor; // [C]
  readonly ffn: ({ readonly kind: 'dense' } & MlpParameters) | MoeParameters;
}

export interface ModelParameters {
  readonly embedding: Tensor; // [V, C]
  readonly layers: readonly LayerParameters[];
  readonly norm: Tensor; // [C]
  readonly head: Tensor; // [V, C]
}

/** Every trainable tensor of `config`, in the fixed order that initialisation, gradients and the optimizer share. */
export function parameterSpecs(config: ModelConfig): ParameterSpec[] {
  const { hiddenSize: C, headDim: D, nRoutedExperts: E, moeIntermediateSize: I } = config;
  const queryWidth = config.numAttentionHeads * D;
  const keyWidth = config.numKeyValueHeads * D;
  const specs: ParameterSpec[] = [];
  const weight = (name: string, ...shape: number[]) => specs.push({ name: `${name}.weight`, shape, initial: 'normal' });
  const norm = (name: string, width: number) => specs.push({ name: `${name}.weight`, shape: [width], initial: 'ones' });
  const mlp = (name: string, width: number, ...stack: number[]) => {
    weight(`${name}.gate_proj`, ...stack, width, C);
    weight(`${name}.up_proj`, ...stack, width, C);
    weight(`${name}.down_proj`, ...stack, C, width);
  };

  weight('model.embed_tokens', config.vocabSize, C);
  for (let layer = 0; layer < config.numHiddenLayers; layer++) {
    const prefix = `model.layers.${layer}`;
    norm(`${prefix}.input_layernorm`, C);
    weight(`${prefix}.self_attn.q_proj`, queryWidth, C);
    weight(`${prefix}.self_attn.k_proj`, keyWidth, C);
    weight(`${prefix}.self_attn.v_proj`, keyWidth, C);
    weight(`${prefix}.self_attn.o_proj`, C, queryWidth);
    if (config.qkNorm) {
      norm(`${prefix}.self_attn.q_norm`, D);
      norm(`${prefix}.self_attn.k_norm`, D);
    }
    norm(`${prefix}.post_attention_layernorm`, C);
    if (isMoeLayer(config, layer)) {
      weight(`${prefix}.mlp.gate`, E, C);
      mlp(`${prefix}.mlp.experts`, I, E);
      if (config.nSharedExperts > 0) mlp(`${prefix}.mlp.shared_experts`, config.nSharedExperts * I);
    } else mlp(`${prefix}.mlp`, config.intermediateSize);
  }
  norm('model.norm', C);
  weight('lm_head', config.vocabSize, C);
  return specs;
}

export const elementsOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** First values of parameter number `index`: a pure function of the seed, so that one tensor can be redrawn alone. */
export function initialValues(spec: ParameterSpec, index: number, config: ModelConfig, seed: number): Float32Array {
  const values = new Float32Array(elementsOf(spec.shape));
  if (spec.initial === 'ones') return values.fill(1);
  const rng = rngFor(seed, 'init', index);
  for (let i = 0; i < values.length; i++) values[i] = rng.normal() * config.initializerRange;
  return values;
}

/** Fresh tensors for every spec of `config`, drawn from `seed`; the caller owns them. */
export function initialParameters(config: ModelConfig, seed: number): Tensor[] {
  return parameterSpecs(config).map((spec, index) => floatTensor(initialValues(spec, index, config, seed), [...spec.shape]));
}

/** Zeros for every spec of `config`, to rehearse with; the caller owns them. */
export function emptyParameters(config: ModelConfig): Tensor[] {
  return parameterSpecs(config).map(({ shape }) => zeros([...shape]));
}

/** Names the tensors of a flat list, which must be in the order of `parameterSpecs`. */
export function bindParameters(config: ModelConfig, tensors: readonly Tensor[]): ModelParameters {
  const specs = parameterSpecs(config);
  assert(tensors.length === specs.length, `${tensors.length} tensors for ${specs.length} parameters`);
  const byName = new Map(specs.map((spec, index) => [spec.name, tensors[index]!]));
  const get = (name: string): Tensor => {
    const tensor = byName.get(`${name}.weight`);
    assert(tensor !== undefined, `no parameter named ${name}.weight`);
    return tensor;
  };
  const mlp = (name: string): MlpParameters => ({
    gate: get(`${name}.gate_proj`),
    up: get(`${name}.up_proj`),
    down: get(`${name}.down_proj`),
  });
  const layers = Array.from({ length: config.numHiddenLayers }, (_, layer): LayerParameters => {
    const prefix = `model.layers.${layer}`;
    return {
      inputNorm: get(`${prefix}.input_layernorm`),
      attention: {
        q: get(`${prefix}.self_attn.q_proj`),
        k: get(`${prefix}.self_attn.k_proj`),
        v: get(`${prefix}.self_attn.v_proj`),
        o: get(`${prefix}.self_attn.o_proj`),
        qNorm: config.qkNorm ? get(`${prefix}.self_attn.q_norm`) : null,
        kNorm: config.qkNorm ? get(`${prefix}.self_attn.k_norm`) : null,
      },
      postAttentionNorm: get(`${prefix}.post_attention_layernorm`),
      ffn: isMoeLayer(config, layer)
        ? {
            kind: 'moe',
            router: get(`${prefix}.mlp.gate`),
            experts: mlp(`${prefix}.mlp.experts`),
            shared: config.nSharedExperts > 0 ? mlp(`${prefix}.mlp.shared_experts`) : null,
          }
        : { kind: 'dense', ...mlp(`${prefix}.mlp`) },
    };
  });
  return { embedding: get('model.embed_tokens'), layers, norm: get('model.norm'), head: get('lm_head') };
}
