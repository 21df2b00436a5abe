// The model that was taken in: its weights as plain numbers, and on the device while somebody asks it. A newer one takes its place.
import { importFolder, type ImportedCheckpoint, type TokenizerText } from '../../checkpoint/exchange/importFolder';
import { fileOf, folderOf, type ExchangeError, type Folder } from '../../checkpoint/exchange/folder';
import { isZip, openZip } from '../../checkpoint/exchange/zip';
import { modelSize } from '../../analysis/modelSize';
import { PRESETS } from '../../config/presets';
import type { RunConfig } from '../../config/trainConfig';
import { err, ok, type Result } from '../../core/result';
import { createBpeTokenizer } from '../../data/bpe/bpeTokenizer';
import { isSameVocabulary } from '../../data/bpe/tokenizerJson';
import { parseTokenizerJson } from '../../data/bpe/tokenizerReader';
import { defaultVocabulary } from '../../data/default/defaultTokenizer';
import type { Tokenizer } from '../../data/tokenizer';
import { memoryHeld, memoryLimits } from '../../kernels/memoryLimits';
import { parameterSpecs } from '../../model/parameters';
import type { RequestContext } from '../../protocol/channel';
import type { EngineError } from '../../protocol/errors';
import type { ImportedModel, ImportedTokenizer, NamedFile } from '../../protocol/exchange';
import { onDevice, type OnDevice } from '../deviceModel';
import type { Subject } from '../lab/subject';

/** Weights are held as plain numbers besides; beyond this a tab is in danger. */
const MOST_BYTES = 2 * 2 ** 30;
/** Tokens of context it is asked with: longer ones would make the page wait. */
const LONGEST_CONTEXT = 512;
/** Tensors with values that are no numbers, named one by one. */
const MOST_NAMED = 20;

interface Held extends Omit<ImportedCheckpoint, 'tokenizer'> {
  readonly id: string;
  readonly reads: { readonly json: string; readonly tokenizer: Tokenizer; readonly isSame: boolean } | null;
  readonly config: RunConfig;
}

export class Imports {
  private held: Held | null = null;
  private device: OnDevice | null = null;

  /** Takes in the model of `files`. The one before goes only when this one is there. */
  async take(
    files: readonly NamedFile[],
    id: string,
    { progress, signal }: RequestContext,
  ): Promise<Result<ImportedModel, EngineError>> {
    const folder = await folderFrom(files);
    if (!folder.ok) return err(engineErrorOf(folder.error));
    const { total, tensor } = memoryLimits();
    const limits = { total: Math.min(MOST_BYTES, total - memoryHeld().tensorBytes), tensor };
    const onProgress = (done: number, all: number): void => progress({ stage: 'importing', done, total: all });
    const checkpoint = await importFolder(folder.value, { specsOf: parameterSpecs, limits, onProgress, signal });
    if (!checkpoint.ok) return err(engineErrorOf(checkpoint.error));
    const { model } = checkpoint.value;
    const { tokenizer, reads } = readTokenizer(checkpoint.value.tokenizer, model.vocabSize);
    const { train, data } = PRESETS.default;
    const sequenceLength = Math.min(model.maxPositionEmbeddings, LONGEST_CONTEXT);
    this.close();
    this.held = { ...checkpoint.value, id, reads, config: { model, train: { ...train, sequenceLength }, data } };
    const { storedAs, tensors, shards, bytes, nonFinite } = checkpoint.value;
    const facts = { storedAs, tensors, shards, bytes, nonFinite: nonFinite.slice(0, MOST_NAMED) };
    return ok({ id, config: model, size: modelSize(model), ...facts, tokenizer });
  }

  /** The model `id`, on the current backend until it is closed. */
  open(id: string, { questions, breathe }: Pick<Subject, 'questions' | 'breathe'>): Result<Subject, EngineError> {
    const { held } = this;
    if (held?.id !== id) return err({ code: 'model-unavailable', detail: 'another model was taken in since' });
    if (!held.reads) return err({ code: 'model-unavailable', detail: 'it came without a tokenizer that can be read here' });
    const device = (this.device ??= onDevice(held));
    const { tokenizer, json: tokenizerJson, isSame: readsCorpus } = held.reads;
    return ok({
      config: held.config,
      contextLength: held.config.train.sequenceLength,
      tokenizer,
      origin: { name: '', tokenizerJson, readsCorpus },
      questions,
      breathe,
      now: () => ({ model: device.model, step: 0 }),
      isOver: () => this.device !== device,
      endsCopies: () => false,
    });
  }

  /** Frees what is on the device; it comes back when it is asked again. */
  close(): void {
    this.device?.free();
    this.device = null;
  }

  /** Its tensors are gone already, with their device. */
  forget(): void {
    this.device = null;
  }
}

function folderFrom(files: readonly NamedFile[]): Promise<Result<Folder, ExchangeError>> {
  const [only] = files;
  const named = (): Result<Folder, ExchangeError> => folderOf(files.map(({ name, file }) => [name, fileOf(file)] as const));
  if (files.length !== 1 || !only) return Promise.resolve(named());
  return isZip(only.file, only.name).then((isPacked) => (isPacked ? openZip(only.file, only.name) : named()));
}

function readTokenizer(text: TokenizerText | null, vocabSize: number): { tokenizer: ImportedTokenizer; reads: Held['reads'] } {
  if (text === null) return { tokenizer: { kind: 'none' }, reads: null };
  const unreadable = (detail: string) => ({ tokenizer: { kind: 'unreadable' as const, detail }, reads: null });
  if ('fault' in text) return unreadable(text.fault);
  const { json } = text;
  const parsed = parseTokenizerJson(json, vocabSize);
  if (!parsed.ok) return unreadable(parsed.error);
  const tokenizer = createBpeTokenizer(parsed.value);
  // By meaning: other tools write the same tokenizer with other spaces and defaults.
  const isSame = isSameVocabulary(parsed.value, defaultVocabulary());
  return { tokenizer: { kind: isSame ? 'same' : 'own' }, reads: { json, tokenizer, isSame } };
}

function engineErrorOf({ offence, file, detail, fields }: ExchangeError): EngineError {
  if (offence === 'too-large') return { code: 'out-of-memory', detail };
  return {
    code: 'checkpoint-unreadable',
    // Each field is told in a sentence of its own.
    detail: fields ? file : `${[file, offence].filter(Boolean).join(': ')}: ${detail}`,
    ...(fields && { fields }),
  };
}
