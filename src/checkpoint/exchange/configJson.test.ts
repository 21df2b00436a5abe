import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldError } from '../../config/fieldError';
import { FIELDS } from '../../config/fields';
import type { ModelConfig } from '../../config/modelConfig';
import { arbitraryConfig } from '../../testing/arbitraryConfig';
import { readFixture, readJsonFixture } from '../../testing/fixtures';
import { valueOf } from '../../testing/fixtureModel';
import { configJsonOf, parseConfigJson } from './configJson';

/** As the published file of the base model has it. */
const DOTS = {
  architectures: ['Dots1ForCausalLM'],
  attention_bias: false,
  attention_dropout: 0,
  first_k_dense_replace: 1,
  hidden_act: 'silu',
  hidden_size: 4096,
  initializer_range: 0.02,
  intermediate_size: 10_944,
  max_position_embeddings: 32_768,
  model_type: 'dots1',
  moe_intermediate_size: 1408,
  n_routed_experts: 128,
  n_shared_experts: 2,
  norm_topk_prob: true,
  num_attention_heads: 32,
  num_experts_per_tok: 6,
  num_hidden_layers: 62,
  num_key_value_heads: 32,
  rms_norm_eps: 1e-5,
  rope_scaling: null,
  rope_theta: 1e7,
  routed_scaling_factor: 2.5,
  sliding_window: null,
  tie_word_embeddings: false,
  torch_dtype: 'bfloat16',
  use_cache: true,
  vocab_size: 152_064,
  scoring_func: 'sigmoid',
  topk_method: 'noaux_tc',
};
const errorsOf = (text: string): readonly FieldError[] => {
  const parsed = parseConfigJson(text);
  return parsed.ok ? [] : parsed.error;
};
const changed = (change: Record<string, unknown>) => JSON.stringify({ ...DOTS, ...change });
const modelOf = (change: Record<string, unknown>): ModelConfig => valueOf(parseConfigJson(changed(change))).model;
const named = (errors: readonly FieldError[]) => errors.map(({ field, rule }) => `${field} ${rule}`);

describe('a config.json that is read', () => {
  it('gives the shape of dots.llm1 itself, whose width only memory forbids', () => {
    expect(modelOf({})).toEqual({
      vocabSize: 152_064,
      hiddenSize: 4096,
      intermediateSize: 10_944,
      moeIntermediateSize: 1408,
      numHiddenLayers: 62,
      numAttentionHeads: 32,
      numKeyValueHeads: 32,
      headDim: 128,
      nRoutedExperts: 128,
      nSharedExperts: 2,
      numExpertsPerTok: 6,
      nGroup: 1,
      topkGroup: 1,
      normTopkProb: true,
      routedScalingFactor: 2.5,
      firstKDenseReplace: 1,
      rmsNormEps: 1e-5,
      ropeTheta: 1e7,
      maxPositionEmbeddings: 32_768,
      initializerRange: 0.02,
      qkNorm: true,
    });
  });

  it.each(['tiny-a', 'tiny-b'])('gives every field of %s as it stands there', async (name) => {
    const json = await readJsonFixture<Record<string, unknown>>(`${name}/config.json`);
    const text = new TextDecoder().decode(await readFixture(`${name}/config.json`));
    const { model, isTied } = valueOf(parseConfigJson(text));
    for (const { section, key, codeName } of FIELDS)
      if (section === 'model' && key !== 'qkNorm') expect(model[key as keyof ModelConfig], codeName).toBe(json[codeName]);
    expect(isTied).toBe(false);
  });

  it.each<[Record<string, unknown>, Partial<ModelConfig>]>([
    [{ n_routed_experts: 256 }, { nRoutedExperts: 256 }],
    [
      { n_routed_experts: 512, num_experts_per_tok: 200, n_shared_experts: 64 },
      { numExpertsPerTok: 200, nSharedExperts: 64 },
    ],
    [
      { n_routed_experts: 512, n_group: 128, topk_group: 100 },
      { nGroup: 128, topkGroup: 100 },
    ],
    [
      { num_attention_heads: 128, num_key_value_heads: 128 },
      { numAttentionHeads: 128, headDim: 32 },
    ],
    [{ head_dim: 512 }, { headDim: 512 }],
    [
      { num_hidden_layers: 100, first_k_dense_replace: 70 },
      { numHiddenLayers: 100, firstKDenseReplace: 70 },
    ],
    [{ hidden_size: 4, head_dim: 2 }, { hiddenSize: 4 }],
    [{ max_position_embeddings: 2 ** 20, sliding_window: null }, { maxPositionEmbeddings: 2 ** 20 }],
    [{ rope_theta: 1e9 }, { ropeTheta: 1e9 }],
    [{ rope_theta: 2 }, { ropeTheta: 2 }],
    [{ rms_norm_eps: 0 }, { rmsNormEps: 0 }],
    [{ routed_scaling_factor: -1000 }, { routedScalingFactor: -1000 }],
    [{ initializer_range: 0 }, { initializerRange: 0 }],
    [{ initializer_range: null }, { initializerRange: 0.02 }],
    [{ initializer_range: 'small' }, { initializerRange: 0.02 }],
  ])('may hold more than a control offers: %j', (change, expected) => {
    expect(modelOf(change)).toMatchObject(expected);
  });

  it('puts the defaults of the class where the file says nothing', () => {
    const { model } = valueOf(
      parseConfigJson(JSON.stringify({ model_type: 'dots1', n_routed_experts: 8, n_shared_experts: 1, num_experts_per_tok: 2 })),
    );
    expect(model).toMatchObject({
      vocabSize: 152_064,
      hiddenSize: 4608,
      headDim: 144,
      numHiddenLayers: 62,
      firstKDenseReplace: 0,
      normTopkProb: false,
      routedScalingFactor: 1,
      rmsNormEps: 1e-6,
      ropeTheta: 1e4,
      maxPositionEmbeddings: 2048,
      nGroup: 1,
      topkGroup: 1,
    });
  });

  it('takes null for what null means there', () => {
    expect(modelOf({ num_key_value_heads: null, head_dim: null, n_group: null, topk_group: null })).toEqual(modelOf({}));
    expect(modelOf({ n_shared_experts: null, norm_topk_prob: null })).toMatchObject({ nSharedExperts: 0, normTopkProb: false });
  });

  it('makes a model without a layer that routes a dense one', () => {
    const dense = modelOf({
      n_routed_experts: null,
      n_shared_experts: null,
      num_experts_per_tok: null,
      first_k_dense_replace: 62,
    });
    expect(dense).toMatchObject({ nRoutedExperts: 0, nSharedExperts: 0, numExpertsPerTok: 0, firstKDenseReplace: 62 });
    expect(modelOf({ first_k_dense_replace: 70 })).toEqual(dense);
  });

  it('takes the base of the rotation from where newer files have it', () => {
    expect(modelOf({ rope_theta: undefined, rope_parameters: { rope_type: 'default', rope_theta: 5e5 } }).ropeTheta).toBe(5e5);
    expect(modelOf({ rope_scaling: { rope_type: 'default', rope_theta: 1e7 } }).ropeTheta).toBe(1e7);
  });

  it('says whether the head is the embedding', () => {
    expect(valueOf(parseConfigJson(changed({ tie_word_embeddings: true }))).isTied).toBe(true);
  });

  it('takes a window that the context does not outgrow, and one that no layer uses', () => {
    for (const change of [
      { sliding_window: 32_768, max_window_layers: 0 },
      { sliding_window: 4096 },
      { sliding_window: undefined },
      { sliding_window: null, max_window_layers: 0 },
      { sliding_window: 4096, max_window_layers: 0, layer_types: Array.from({ length: 62 }, () => 'full_attention') },
    ])
      expect(errorsOf(changed(change)), JSON.stringify(change)).toEqual([]);
  });
});

describe('a config.json that is refused', () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    ['another kind of model', { model_type: 'deepseek_v3' }, ['model_type oneOf']],
    ['no kind of model', { model_type: undefined }, ['model_type oneOf']],
    ['another activation', { hidden_act: 'gelu' }, ['hidden_act oneOf']],
    ['biases in attention', { attention_bias: true }, ['attention_bias oneOf']],
    ['softmax scores', { scoring_func: 'softmax' }, ['scoring_func oneOf']],
    ['another choice of experts', { topk_method: 'greedy' }, ['topk_method oneOf']],
    ['quantised weights', { quantization_config: { bits: 4 } }, ['quantization_config oneOf']],
    ['stretched positions', { rope_scaling: { type: 'yarn', factor: 4 } }, ['rope_scaling.type oneOf']],
    ['stretched positions of newer files', { rope_parameters: { rope_type: 'linear' } }, ['rope_parameters.rope_type oneOf']],
    [
      'another base of the rotation among its scaling',
      { rope_scaling: { rope_type: 'default', rope_theta: 5e5 } },
      ['rope_scaling.rope_theta oneOf'],
    ],
    [
      'a base among the scaling alone',
      { rope_theta: undefined, rope_scaling: { rope_type: 'default', rope_theta: 5e5 } },
      ['rope_scaling.rope_theta oneOf'],
    ],
    ['two bases in newer files', { rope_parameters: { rope_theta: 5e5 } }, ['rope_parameters.rope_theta oneOf']],
    ['rotation of half a head', { partial_rotary_factor: 0.5 }, ['partial_rotary_factor oneOf']],
    ['sliding attention', { sliding_window: 4096, max_window_layers: 30 }, ['sliding_window atLeast']],
    ['one layer of sliding attention', { sliding_window: 8, layer_types: ['sliding_attention'] }, ['sliding_window atLeast']],
    ['a layer of a kind nobody knows', { layer_types: ['full_attention', 'linear'] }, ['layer_types oneOf']],
    ['a tie that is neither true nor false', { tie_word_embeddings: 'yes' }, ['tie_word_embeddings type']],
    ['no experts where layers route', { n_routed_experts: null }, ['n_routed_experts type']],
    ['a text for a width', { hidden_size: '4096' }, ['hidden_size type']],
    ['a width of a petabyte', { hidden_size: 2 ** 50 }, ['hidden_size range', 'head_dim range']],
    ['a negative width', { moe_intermediate_size: -1 }, ['moe_intermediate_size range']],
    ['half an expert', { num_experts_per_tok: 2.5 }, ['num_experts_per_tok integer']],
    ['more layers than names are made for', { num_hidden_layers: 1e9 }, ['num_hidden_layers range']],
    ['heads that do not divide the width', { num_attention_heads: 31 }, ['head_dim integer']],
    ['key heads that do not divide the heads', { num_key_value_heads: 5 }, ['num_key_value_heads divides']],
    ['more chosen than there are', { num_experts_per_tok: 128, n_routed_experts: 64 }, ['num_experts_per_tok atMost']],
    ['more experts than a trace has numbers for', { n_routed_experts: 2 ** 15 }, ['n_routed_experts range']],
    ['more groups than a kernel compares', { n_routed_experts: 4096, n_group: 2048 }, ['n_group range']],
    ['a base of nothing', { rope_theta: 0 }, ['rope_theta range']],
    ['a base beyond float32', { rope_theta: 1e39 }, ['rope_theta range']],
    ['a norm that subtracts', { rms_norm_eps: -1e-6 }, ['rms_norm_eps range']],
    ['groups of unequal size', { n_group: 3 }, ['n_group divides']],
  ])('for %s', (_what, change, expected) => {
    expect(named(errorsOf(changed(change)))).toEqual(expected);
  });

  it('for a field that comes twice, and for what is no JSON or no object', () => {
    expect(named(errorsOf('{"model_type":"dots1","vocab_size":1,"vocab_size":2}'))).toEqual(['config.json repeated']);
    for (const text of ['', '{', '{"a":'.repeat(1e5), '['.repeat(1e6)])
      expect(named(errorsOf(text)), text.slice(0, 20)).toEqual(['config.json json']);
    for (const text of ['[]', 'null', '"dots1"']) expect(named(errorsOf(text)), text).toEqual(['config.json type']);
  });

  it('and what stands under __proto__ is not taken for given', () => {
    const text = `{"__proto__":${JSON.stringify(DOTS)}}`;
    expect(named(errorsOf(text))).toContain('model_type oneOf');
    expect(({} as Record<string, unknown>)['model_type']).toBeUndefined();
  });

  it('by a word, whatever any field holds', () => {
    const names = Object.keys(DOTS).concat(['rope_parameters', 'layer_types', 'max_window_layers', 'head_dim', 'n_group']);
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), fc.jsonValue()), (change) => {
        const parsed = parseConfigJson(changed(change));
        if (!parsed.ok) for (const { field } of parsed.error) expect(field).not.toBe('');
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a config.json that is written', () => {
  const options = { dtype: 'F32', isFolded: false, endOfDocument: 7 } as const;

  it('is read back as the same model', () => {
    fc.assert(
      fc.property(arbitraryConfig, ({ model }) => {
        const text = configJsonOf(model, options);
        const back = valueOf(parseConfigJson(text)).model;
        const isDense = model.nRoutedExperts === 0 || model.firstKDenseReplace >= model.numHiddenLayers;
        const same = isDense
          ? {
              ...model,
              firstKDenseReplace: model.numHiddenLayers,
              nRoutedExperts: 0,
              nSharedExperts: 0,
              numExpertsPerTok: 0,
              nGroup: 1,
              topkGroup: 1,
            }
          : model;
        expect(back).toEqual({ ...same, qkNorm: true });
      }),
    );
  });

  it('writes floats as Python tells them from whole numbers, and both fields that other readers want', () => {
    const text = configJsonOf(modelOf({}), { dtype: 'BF16', isFolded: true, endOfDocument: null });
    expect(text).toMatch(/"rope_theta": 10000000\.0,/);
    expect(text).toMatch(/"routed_scaling_factor": 1\.0,/);
    expect(text).toMatch(/"num_hidden_layers": 62,/);
    expect(JSON.parse(text)).toMatchObject({
      model_type: 'dots1',
      architectures: ['Dots1ForCausalLM'],
      torch_dtype: 'bfloat16',
      topk_method: 'noaux_tc',
      scoring_func: 'sigmoid',
      sliding_window: null,
      tie_word_embeddings: false,
      eos_token_id: null,
    });
  });

  it('gives a dense model no experts', () => {
    const dense = modelOf({ first_k_dense_replace: 62 });
    expect(JSON.parse(configJsonOf(dense, options))).toMatchObject({
      first_k_dense_replace: 62,
      n_routed_experts: null,
      n_shared_experts: null,
      num_experts_per_tok: null,
    });
  });
});
