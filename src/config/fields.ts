// Every field of a run's configuration, described once. Controls, validation, lessons, run differences and the link read this
// table; the words are in text/ under field.<path>.label and field.<path>.help.
import type { DataConfig } from './dataConfig';
import type { ModelConfig } from './modelConfig';
import { AUTOMATIC_SHARDS, MOST_SHARDS } from './shards';
import { BALANCE_MODES, LIVE_KEYS, type LiveKey, type RunConfig, type TrainConfig } from './trainConfig';

export type FieldPath =
  | `model.${Extract<keyof ModelConfig, string>}`
  | `train.${Extract<keyof TrainConfig, string>}`
  | `data.${Extract<keyof DataConfig, string>}`;

export const FIELD_GROUPS = [
  'shape',
  'attention',
  'experts',
  'router',
  'batch',
  'optimizer',
  'schedule',
  'balance',
  'watching',
  'text',
] as const;
export type FieldGroup = (typeof FIELD_GROUPS)[number];

interface NumberSpec {
  readonly kind: 'integer' | 'number';
  /** Limits, both included. */
  readonly min: number;
  readonly max: number;
  /** Distance between two positions of a linear control; values between them are valid too. */
  readonly step: number;
  /** How a slider spreads the range; `log` only where min > 0. */
  readonly scale: 'linear' | 'log';
}
interface ToggleSpec {
  readonly kind: 'boolean';
}
interface ChoiceSpec {
  readonly kind: 'choice';
  /** Valid values; their words are text/ field.<path>.option.<option>. */
  readonly options: readonly string[];
}
interface ListSpec {
  /** Names of domains: small letters, digits and hyphens. */
  readonly kind: 'names';
  readonly maxItems: number;
}
type Spec = (NumberSpec | ToggleSpec | ChoiceSpec | ListSpec) & { readonly group: FieldGroup };

interface Placed {
  readonly path: FieldPath;
  readonly section: keyof RunConfig;
  readonly key: string;
  readonly group: FieldGroup;
  /** `now`: between two steps of a running run. */
  readonly applies: 'now' | 'restart';
  /** The name in code: of a model's fields the Hugging Face one. */
  readonly codeName: string;
}
export type NumberField = Placed & NumberSpec;
export type ToggleField = Placed & ToggleSpec;
export type ChoiceField = Placed & ChoiceSpec;
export type NamesField = Placed & ListSpec;
export type Field = NumberField | ToggleField | ChoiceField | NamesField;

const integer = (group: FieldGroup, min: number, max: number, step = 1): Spec => ({
  group,
  kind: 'integer',
  min,
  max,
  step,
  scale: 'linear',
});
const number = (group: FieldGroup, min: number, max: number, step: number): Spec => ({
  group,
  kind: 'number',
  min,
  max,
  step,
  scale: 'linear',
});
const logarithmic = (group: FieldGroup, min: number, max: number): Spec => ({
  group,
  kind: 'number',
  min,
  max,
  step: min,
  scale: 'log',
});

// 62 layers, 128 experts and 2 shared ones are dots.llm1's own; widths stop where a browser tab does. Token ids are 16 bits.
const SPECS: Readonly<Record<FieldPath, Spec>> = {
  'model.vocabSize': integer('shape', 2, 65_536),
  'model.hiddenSize': integer('shape', 8, 2048, 8),
  'model.numHiddenLayers': integer('shape', 1, 62),
  'model.intermediateSize': integer('shape', 1, 8192),
  'model.initializerRange': logarithmic('shape', 1e-4, 1),
  'model.rmsNormEps': logarithmic('shape', 1e-12, 1e-2),
  'model.numAttentionHeads': integer('attention', 1, 64),
  'model.numKeyValueHeads': integer('attention', 1, 64),
  'model.headDim': integer('attention', 2, 256, 2),
  'model.maxPositionEmbeddings': integer('attention', 8, 32_768, 8),
  'model.ropeTheta': logarithmic('attention', 10, 1e8),
  'model.qkNorm': { group: 'attention', kind: 'boolean' },
  'model.nRoutedExperts': integer('experts', 0, 128),
  'model.nSharedExperts': integer('experts', 0, 16),
  'model.numExpertsPerTok': integer('experts', 0, 128),
  'model.moeIntermediateSize': integer('experts', 1, 4096),
  'model.firstKDenseReplace': integer('experts', 0, 62),
  'model.nGroup': integer('router', 1, 64),
  'model.topkGroup': integer('router', 1, 64),
  'model.normTopkProb': { group: 'router', kind: 'boolean' },
  'model.routedScalingFactor': number('router', 0.01, 100, 0.1),
  'train.seed': integer('batch', 0, 0xffffffff),
  'train.batchSize': integer('batch', 1, 512),
  'train.sequenceLength': integer('batch', 2, 4096),
  'train.shards': integer('batch', AUTOMATIC_SHARDS, MOST_SHARDS),
  'train.learningRate': logarithmic('optimizer', 1e-6, 1),
  'train.weightDecay': number('optimizer', 0, 1, 0.01),
  'train.gradientClip': number('optimizer', 0, 100, 0.1),
  'train.beta1': number('optimizer', 0, 0.9999, 0.01),
  'train.beta2': number('optimizer', 0, 0.99999, 0.01),
  'train.adamEpsilon': logarithmic('optimizer', 1e-12, 1e-3),
  'train.warmupSteps': integer('schedule', 0, 1_000_000, 10),
  'train.stableSteps': integer('schedule', 0, 10_000_000, 100),
  'train.decaySteps': integer('schedule', 0, 10_000_000, 100),
  'train.finalLearningRate': logarithmic('schedule', 1e-8, 1),
  'train.balanceMode': { group: 'balance', kind: 'choice', options: BALANCE_MODES },
  'train.biasUpdateSpeed': logarithmic('balance', 1e-6, 1),
  'train.finalBiasUpdateSpeed': logarithmic('balance', 1e-6, 1),
  'train.sequenceLossWeight': number('balance', 0, 1, 1e-4),
  'train.validationEvery': integer('watching', 0, 1_000_000, 10),
  'train.sampleEvery': integer('watching', 0, 1_000_000, 10),
  'train.sampleTokens': integer('watching', 1, 512),
  'data.domains': { group: 'text', kind: 'names', maxItems: 32 },
  'data.chineseShare': number('text', 0, 1, 0.05),
};

const snakeCase = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A domain's name as it may stand in a configuration. */
export const NAME_PATTERN = /^[a-z0-9-]{1,40}$/;

/** All fields, in the order a person meets them. */
export const FIELDS: readonly Field[] = (Object.keys(SPECS) as FieldPath[]).map((path) => {
  const [section, key] = path.split('.') as [keyof RunConfig, string];
  const applies = section === 'train' && LIVE_KEYS.includes(key as LiveKey) ? 'now' : 'restart';
  return { ...SPECS[path], path, section, key, applies, codeName: section === 'model' ? snakeCase(key) : key };
});

const BY_PATH: ReadonlyMap<string, Field> = new Map(FIELDS.map((field) => [field.path, field]));

/** The field at `path`, e.g. 'model.hiddenSize'; undefined where there is none. */
export function findField(path: string): Field | undefined {
  return BY_PATH.get(path);
}

/** Value of `field` in `config`. */
export function fieldValue(config: RunConfig, field: Field): FieldValue {
  return (config[field.section] as unknown as Readonly<Record<string, FieldValue>>)[field.key]!;
}

/** `config` with one field changed; the value is not checked (validate.ts does). */
export function withField(config: RunConfig, field: Field, value: FieldValue): RunConfig {
  return { ...config, [field.section]: { ...config[field.section], [field.key]: value } };
}

export type FieldValue = number | boolean | string | readonly string[];

export function sameValue(a: FieldValue, b: FieldValue): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b;
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** Fields in which two configurations differ, in table order. */
export function differingFields(a: RunConfig, b: RunConfig): Field[] {
  return FIELDS.filter((field) => !sameValue(fieldValue(a, field), fieldValue(b, field)));
}
