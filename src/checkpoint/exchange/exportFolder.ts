// A model as the files that Hugging Face's tools load as `dots1`: weights, configuration, tokenizer, a card.
import type { ModelConfig } from '../../config/modelConfig';
import { ok, type Result } from '../../core/result';
import type { SpecsOf } from '../runParts';
import { nonFiniteValues, writeSafetensors, type NarrowType, type SafeTensor } from '../safetensors';
import { MOST_NAMES } from '../safetensorsHeader';
import { modelCard, type Provenance } from './card';
import { configJsonOf } from './configJson';
import { CONFIG_FILE, fault, type ExchangeError } from './folder';
import { TOKENIZER_FILE } from './importFolder';
import { publishedCount, publishedTensors, type ModelWeights } from './layout';
import { WEIGHTS_FILE } from './shards';

/** How the weights are stored; biases, which decide between nearly equal scores, always as F32. */
export const EXPORT_TYPES = ['F32', 'BF16', 'F16'] as const;
export type ExportType = (typeof EXPORT_TYPES)[number];

export interface ExportOptions {
  readonly dtype: ExportType;
  /** Multiplies the routed experts' down projections by routedScalingFactor, and writes 1 in its place. */
  readonly isFolded: boolean;
}

export interface ExportedModel extends ModelWeights {
  readonly model: ModelConfig;
  readonly provenance: Provenance;
  /** null: the model reads tokens that nobody can name. */
  readonly tokenizer: { readonly json: string; readonly endOfDocument: number; readonly endToken: string } | null;
}

export interface ExportedFolder {
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** Values that are no finite numbers, and are written as they are. */
  readonly nonFinite: number;
}

/** From here on a value rounds to infinity: half a step beyond the largest of its type. */
const TOO_LARGE: Readonly<Record<NarrowType, number>> = { BF16: (2 - 2 ** -8) * 2 ** 127, F16: 65_520 };

/** Weights as an export writes them, and what else is in the file. */
interface Written {
  readonly tensors: ReadonlyMap<string, SafeTensor>;
  readonly values: number;
  readonly nonFinite: number;
}

/** All files of an export by name, in the order a person looks at them. */
export function exportFolder(
  exported: ExportedModel,
  options: ExportOptions,
  specsOf: SpecsOf,
): Result<ExportedFolder, ExchangeError> {
  const { model, tokenizer, provenance } = exported;
  const { dtype, isFolded } = options;
  if (!model.qkNorm)
    return fault('not-dots1', CONFIG_FILE, 'qkNorm is off, and dots1 always norms queries and keys: its logits would differ');
  // Other readers score a group by its two best experts, also where there is only one group.
  if (model.nRoutedExperts === 1)
    return fault('not-dots1', CONFIG_FILE, 'a single routed expert cannot be read as dots1, which compares two');
  // One that came in as several files may have more than one file may name.
  const count = publishedCount(model);
  if (count > MOST_NAMES) return fault('too-large', WEIGHTS_FILE, `${count} tensors; one file has ${MOST_NAMES} at most`);
  const written = writtenTensors(exported, options, specsOf);
  if (!written.ok) return written;
  const { tensors, values, nonFinite } = written.value;
  const endOfDocument = tokenizer?.endOfDocument ?? null;
  const text = (content: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(content);
  const json = (content: object): Uint8Array<ArrayBuffer> => text(`${JSON.stringify(content, null, 2)}\n`);
  const card = modelCard({ ...provenance, model, dtype, isFolded, hasTokenizer: tokenizer !== null, values });
  const files = new Map<string, Uint8Array<ArrayBuffer>>([
    ['README.md', text(card)],
    [CONFIG_FILE, text(configJsonOf(model, { dtype, isFolded, endOfDocument }))],
    ['generation_config.json', json(generationConfig(endOfDocument))],
    [WEIGHTS_FILE, writeSafetensors(tensors, new Map([['format', 'pt']]))],
  ]);
  if (tokenizer) {
    files.set(TOKENIZER_FILE, text(tokenizer.json));
    files.set('tokenizer_config.json', json(tokenizerConfig(tokenizer.endToken, model.maxPositionEmbeddings)));
  }
  return ok({ files, nonFinite });
}

function writtenTensors(
  { model, parameters, biases }: ModelWeights & { readonly model: ModelConfig },
  { dtype, isFolded }: ExportOptions,
  specsOf: SpecsOf,
): Result<Written, ExchangeError> {
  const tensors = new Map<string, SafeTensor>();
  let [count, nonFinite] = [0, 0];
  for (const { name, shape, size, part, index, offset } of publishedTensors(model, specsOf)) {
    const held = part === 'nothing' ? new Float32Array(0) : (part === 'bias' ? biases : parameters)[index]!;
    let values = held.subarray(offset, offset + size);
    if (isFolded && /\.mlp\.experts\.\d+\.down_proj\./.test(name))
      values = values.map((value) => value * model.routedScalingFactor);
    const stored = part === 'bias' || dtype === 'F32' ? undefined : dtype;
    const top = largest(values);
    if (stored && Math.abs(top) >= TOO_LARGE[stored])
      return fault('overflow', WEIGHTS_FILE, `${name} holds ${top}, which is beyond ${stored}`);
    tensors.set(name, { shape, values, ...(stored ? { stored } : {}) });
    nonFinite += nonFiniteValues(values);
    if (part === 'parameter') count += size;
  }
  return ok({ tensors, values: count, nonFinite });
}

/** The finite value that is farthest from 0. */
function largest(values: Float32Array): number {
  let top = 0;
  for (const value of values) if (Math.abs(value) > Math.abs(top) && Number.isFinite(value)) top = value;
  return top;
}

function generationConfig(endOfDocument: number | null): object {
  return {
    // A document begins behind the end of the one before it.
    bos_token_id: endOfDocument,
    eos_token_id: endOfDocument,
    pad_token_id: endOfDocument,
    do_sample: true,
    temperature: 0.8,
  };
}

function tokenizerConfig(endToken: string, longest: number): object {
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    bos_token: endToken,
    eos_token: endToken,
    pad_token: endToken,
    clean_up_tokenization_spaces: false,
    model_max_length: longest,
  };
}
