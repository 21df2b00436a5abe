// The config.json of a dots1 checkpoint, read and written. What is absent has the default of the Dots1Config class of transformers; what the
// engine does not compute is refused by name, because ignoring it would give other logits than the checkpoint's own.
import type { FieldError } from '../../config/fieldError';
import { FIELDS } from '../../config/fields';
import type { ModelConfig } from '../../config/modelConfig';
import { briefValue } from '../../config/validate';
import { checkModelRules } from '../../config/validateRules';
import { isJsonObject, JsonFault, parseJson, type Json, type JsonObject } from '../../core/jsonReader';
import { err, ok, type Result } from '../../core/result';
import { checkPublished } from './configLimits';

export const CONFIG_FILE = 'config.json';

export interface PublishedConfig {
  readonly model: ModelConfig;
  /** The head is the embedding, and has no tensor of its own. */
  readonly isTied: boolean;
}

/** The fields of a checkpoint's model; that it norms queries and keys goes without saying. */
const MODEL_FIELDS = FIELDS.filter((field) => field.section === 'model' && field.key !== 'qkNorm');
/** Of the Dots1Config class, by published name. */
const CLASS_DEFAULTS: ReadonlyMap<string, Json> = new Map<string, Json>([
  ['vocab_size', 152_064],
  ['hidden_size', 4608],
  ['intermediate_size', 10_944],
  ['moe_intermediate_size', 1408],
  ['num_hidden_layers', 62],
  ['num_attention_heads', 32],
  ['num_key_value_heads', 32],
  ['n_shared_experts', 0],
  ['n_routed_experts', 0],
  ['num_experts_per_tok', 0],
  ['n_group', 1],
  ['topk_group', 1],
  ['first_k_dense_replace', 0],
  ['norm_topk_prob', false],
  ['routed_scaling_factor', 1],
  ['rms_norm_eps', 1e-6],
  ['rope_theta', 10_000],
  ['max_position_embeddings', 2048],
  ['initializer_range', 0.02],
]);
/** Where null means what absence means. */
const NULLABLE: ReadonlySet<string> = new Set([
  'n_shared_experts',
  'n_routed_experts',
  'num_experts_per_tok',
  'n_group',
  'topk_group',
  'first_k_dense_replace',
  'norm_topk_prob',
]);
/** Switches that are at one value in every model the engine computes; absent means that value, except for the first. */
const FIXED: readonly (readonly [name: string, value: string | boolean])[] = [
  ['model_type', 'dots1'],
  ['hidden_act', 'silu'],
  ['attention_bias', false],
  ['scoring_func', 'sigmoid'],
  ['topk_method', 'noaux_tc'],
];
/** Of the class: from this layer on attention would slide, if there is a window. */
const MAX_WINDOW_LAYERS = 62;
const WINDOW = 4096;
const HEAD_DIM = 4608 / 32;

const given = (json: JsonObject, name: string): Json | undefined => (Object.hasOwn(json, name) ? json[name] : undefined);
const isAbsent = (value: Json | undefined): value is null | undefined => value === undefined || value === null;
const fieldError = (field: string, value: unknown, rule: FieldError['rule'], params: FieldError['params'] = {}): FieldError => ({
  field,
  value: briefValue(value),
  rule,
  params,
});

/** The model that a config.json describes, or everything that is wrong with it. */
export function parseConfigJson(text: string): Result<PublishedConfig, readonly FieldError[]> {
  let json: Json;
  try {
    json = parseJson(text);
  } catch (thrown) {
    if (!(thrown instanceof JsonFault)) throw thrown;
    return err([fieldError(CONFIG_FILE, thrown.message, thrown.offence === 'duplicate-key' ? 'repeated' : 'json')]);
  }
  if (!isJsonObject(json)) return err([fieldError(CONFIG_FILE, json, 'type', { expected: 'object' })]);
  const values = valuesOf(json);
  const errors = [
    ...checkSwitches(json, values['ropeTheta']),
    ...MODEL_FIELDS.flatMap((field) => checkPublished(field, values[field.key])),
  ];
  if (errors.length > 0) return err(errors.map(asPublished));
  // Every field of the table is there and of its kind.
  const model = values as unknown as ModelConfig;
  const broken = [...checkModelRules(model), ...checkWindow(json, model)];
  return broken.length > 0 ? err(broken.map(asPublished)) : ok({ model, isTied: given(json, 'tie_word_embeddings') === true });
}

/** A fault of our fields, told by the names that stand in the file. */
function asPublished({ field, params, ...rest }: FieldError): FieldError {
  const named = (path: string): string => MODEL_FIELDS.find((one) => one.path === path)?.codeName ?? path;
  const { otherField } = params;
  return {
    ...rest,
    field: named(field),
    params: otherField === undefined ? params : { ...params, otherField: named(String(otherField)) },
  };
}

/** Values of all fields by our names, unchecked. */
function valuesOf(json: JsonObject): Record<string, unknown> {
  const values: Record<string, unknown> = { qkNorm: true };
  for (const { key, codeName } of MODEL_FIELDS) {
    const value = given(json, codeName);
    values[key] = value === undefined || (value === null && NULLABLE.has(codeName)) ? CLASS_DEFAULTS.get(codeName) : value;
  }
  const { numAttentionHeads: heads, hiddenSize, firstKDenseReplace: dense, numHiddenLayers: layers, nRoutedExperts } = values;
  // Decides about no logit: whatever stands there is no reason to refuse.
  if (!Number.isFinite(values['initializerRange'])) values['initializerRange'] = CLASS_DEFAULTS.get('initializer_range');
  // A width or a number of heads that is no number has its own error.
  if (isAbsent(given(json, 'head_dim')))
    values['headDim'] = typeof hiddenSize === 'number' && typeof heads === 'number' ? hiddenSize / heads : HEAD_DIM;
  if (given(json, 'num_key_value_heads') === null) values['numKeyValueHeads'] = heads;
  const rope = given(json, 'rope_parameters');
  if (given(json, 'rope_theta') === undefined && isJsonObject(rope) && given(rope, 'rope_theta') !== undefined)
    values['ropeTheta'] = given(rope, 'rope_theta');
  // Without a layer that routes, what the file says of experts means nothing.
  if (typeof dense === 'number' && typeof layers === 'number' && dense >= layers && Number.isInteger(dense))
    return {
      ...values,
      firstKDenseReplace: layers,
      nRoutedExperts: 0,
      nSharedExperts: 0,
      numExpertsPerTok: 0,
      nGroup: 1,
      topkGroup: 1,
    };
  // A layer that routes needs something to route to; without a value the error says that it is missing.
  return { ...values, nRoutedExperts: nRoutedExperts === 0 ? undefined : nRoutedExperts };
}

/** What would make the model compute something else than the engine does. @param theta base of the rotation, unchecked */
function checkSwitches(json: JsonObject, theta: unknown): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, only] of FIXED) {
    const value = given(json, name);
    if (value !== only && (name === 'model_type' || !isAbsent(value)))
      errors.push(fieldError(name, value, 'oneOf', { options: String(only) }));
  }
  const isTied = given(json, 'tie_word_embeddings');
  if (!isAbsent(isTied) && typeof isTied !== 'boolean')
    errors.push(fieldError('tie_word_embeddings', isTied, 'type', { expected: 'boolean' }));
  if (!isAbsent(given(json, 'quantization_config')))
    errors.push(fieldError('quantization_config', given(json, 'quantization_config'), 'oneOf', { options: 'null' }));
  for (const name of ['rope_scaling', 'rope_parameters']) errors.push(...checkRope(name, given(json, name), theta));
  return [...errors, ...checkPartial('partial_rotary_factor', given(json, 'partial_rotary_factor'))];
}

function checkRope(name: string, rope: Json | undefined, theta: unknown): FieldError[] {
  if (isAbsent(rope)) return [];
  if (!isJsonObject(rope)) return [fieldError(name, rope, 'type', { expected: 'object' })];
  const kinds = ['rope_type', 'type'].flatMap((key) => {
    const kind = given(rope, key);
    return isAbsent(kind) || kind === 'default' ? [] : [fieldError(`${name}.${key}`, kind, 'oneOf', { options: 'default' })];
  });
  // transformers 4 reads the one beside, transformers 5 the one in here: where they differ, nobody knows which was trained.
  const base = given(rope, 'rope_theta');
  const bases =
    isAbsent(base) || base === theta
      ? []
      : [fieldError(`${name}.rope_theta`, base, 'oneOf', { options: String(briefValue(theta)) })];
  return [...kinds, ...bases, ...checkPartial(`${name}.partial_rotary_factor`, given(rope, 'partial_rotary_factor'))];
}

function checkPartial(name: string, share: Json | undefined): FieldError[] {
  return isAbsent(share) || share === 1 ? [] : [fieldError(name, share, 'oneOf', { options: '1' })];
}

/** Attention that slides sees all the same where its window is as wide as the context. */
function checkWindow(json: JsonObject, { numHiddenLayers, maxPositionEmbeddings }: ModelConfig): FieldError[] {
  const types = given(json, 'layer_types');
  const window = Object.hasOwn(json, 'sliding_window') ? json['sliding_window']! : WINDOW;
  if (window !== null && typeof window !== 'number')
    return [fieldError('sliding_window', window, 'type', { expected: 'integer' })];
  if (!isAbsent(types) && !Array.isArray(types)) return [fieldError('layer_types', types, 'type', { expected: 'list' })];
  const stranger = (types as readonly Json[] | null | undefined)?.find(
    (type) => type !== 'full_attention' && type !== 'sliding_attention',
  );
  if (stranger !== undefined)
    return [fieldError('layer_types', stranger, 'oneOf', { options: 'full_attention, sliding_attention' })];
  const first = given(json, 'max_window_layers') ?? MAX_WINDOW_LAYERS;
  const slides = types
    ? (types as readonly Json[]).includes('sliding_attention')
    : typeof first !== 'number' || first < numHiddenLayers;
  if (!slides || window === null || window >= maxPositionEmbeddings) return [];
  const params = { min: maxPositionEmbeddings, otherField: 'model.maxPositionEmbeddings', other: maxPositionEmbeddings };
  return [fieldError('sliding_window', window, 'atLeast', params)];
}

const DTYPES = { F32: 'float32', BF16: 'bfloat16', F16: 'float16' } as const;
/** Python's int and float are two types, and transformers checks them. */
const FLOATS: ReadonlySet<string> = new Set([
  'routed_scaling_factor',
  'rms_norm_eps',
  'rope_theta',
  'initializer_range',
  'attention_dropout',
]);

export interface ConfigJsonOptions {
  readonly dtype: keyof typeof DTYPES;
  /** The scaling factor is in the weights already. */
  readonly isFolded: boolean;
  /** Id of the token between documents; null where no tokenizer comes along. */
  readonly endOfDocument: number | null;
}

/** The text of a config.json that transformers, vLLM and llama.cpp read. */
export function configJsonOf(model: ModelConfig, { dtype, isFolded, endOfDocument }: ConfigJsonOptions): string {
  const isDense = model.nRoutedExperts === 0;
  const fields: Record<string, unknown> = {
    architectures: ['Dots1ForCausalLM'],
    model_type: 'dots1',
    torch_dtype: DTYPES[dtype],
    ...Object.fromEntries(MODEL_FIELDS.map(({ key, codeName }) => [codeName, model[key as keyof ModelConfig]])),
    ...(isFolded ? { routed_scaling_factor: 1 } : {}),
    ...(isDense
      ? {
          first_k_dense_replace: model.numHiddenLayers,
          n_routed_experts: null,
          n_shared_experts: null,
          num_experts_per_tok: null,
        }
      : {}),
    hidden_act: 'silu',
    attention_bias: false,
    attention_dropout: 0,
    rope_scaling: null,
    // The class would slide attention from layer 62 on.
    sliding_window: null,
    tie_word_embeddings: false,
    use_cache: true,
    // Not fields of the class: vLLM and llama.cpp read them.
    topk_method: 'noaux_tc',
    scoring_func: 'sigmoid',
    bos_token_id: endOfDocument,
    eos_token_id: endOfDocument,
    pad_token_id: endOfDocument,
  };
  const lines = Object.entries(fields).map(([name, value]) => {
    const text = JSON.stringify(value);
    return `  ${JSON.stringify(name)}: ${FLOATS.has(name) && /^-?\d+$/.test(text) ? `${text}.0` : text}`;
  });
  return `{\n${lines.join(',\n')}\n}\n`;
}
