// Whether a question fits the model it is about.
import { ABLATION_MODES } from '../../analysis/sweeps';
import type { FieldError } from '../../config/fieldError';
import type { Intervention } from '../../config/intervention';
import { parseInterventions } from '../../config/interventionCheck';
import { moeLayerCount } from '../../config/modelConfig';
import { briefValue } from '../../config/validate';
import { err, ok, type Result } from '../../core/result';
import type { GenerationRequest, PromptQuestion, RoutesRequest, SweepRequest } from '../../protocol/lab';
import { modesFor } from '../../evaluation/ablation';
import type { Subject } from './subject';

const MAX_GENERATED = 512;
/** A sweep of more than this would take hours on the slowest backend. */
const MAX_SWEEP_TOKENS = 100_000;
const MAX_SHARES = 32;
const MAX_TEXTS = 500;

/** Tokens that `text` has at least: none holds more than the longest of the vocabulary, and UTF-8 has a byte or more for each unit of a string. */
function fewestTokens(text: string, tokenizer: Subject['tokenizer']): number {
  let longest = 1;
  for (let id = 0; id < tokenizer.vocabSize; id++) longest = Math.max(longest, tokenizer.bytes(id).length);
  return Math.ceil(text.length / longest);
}

function outside(field: string, value: unknown, min: number, max: number, isWhole: boolean): FieldError[] {
  if (typeof value !== 'number' || Number.isNaN(value))
    return [{ field, value: briefValue(value), rule: 'type', params: { expected: isWhole ? 'integer' : 'number' } }];
  if (value < min || value > max) return [{ field, value, rule: 'range', params: { min, max } }];
  return isWhole && !Number.isInteger(value) ? [{ field, value, rule: 'integer', params: {} }] : [];
}

export interface ReadPrompt {
  /** An end token, the text, what follows it. */
  readonly ids: Int32Array;
  readonly interventions: readonly Intervention[];
}

/**
 * A question's tokens and interventions, or what does not fit.
 * @param room tokens there may be at most, the end token before the text included
 */
export function readPrompt(
  question: PromptQuestion,
  { config, tokenizer }: Subject,
  room: number,
): Result<ReadPrompt, FieldError[]> {
  const { text, continuation } = question;
  const stranger = continuation.find((id) => !Number.isInteger(id) || id < 0 || id >= tokenizer.vocabSize);
  if (stranger !== undefined) return err(outside('continuation', stranger, 0, tokenizer.vocabSize - 1, true));
  const tooLong = (count: number) => err(outside('prompt', count, 0, room - 1, true));
  // A pasted book is refused before it is cut into tokens.
  if (text.length > room) {
    const fewest = fewestTokens(text, tokenizer) + continuation.length;
    if (fewest > room - 1) return tooLong(fewest);
  }
  const ids = [tokenizer.endOfDocument, ...tokenizer.encode(text), ...continuation];
  if (ids.length > room) return tooLong(ids.length - 1);
  const interventions = parseInterventions(question.interventions, config.model);
  return interventions.ok ? ok({ ids: Int32Array.from(ids), interventions: interventions.value }) : interventions;
}

/** Each text as its tokens; the first that does not fit is told with its place. */
export function readTexts({ model, texts }: RoutesRequest, subject: Subject): Result<readonly Int32Array[], FieldError[]> {
  if (texts.length < 1 || texts.length > MAX_TEXTS) return err(outside('texts', texts.length, 1, MAX_TEXTS, true));
  const read: Int32Array[] = [];
  for (const text of texts) {
    const prompt = readPrompt({ model, text, continuation: [], interventions: [] }, subject, subject.contextLength);
    if (!prompt.ok) return prompt;
    read.push(prompt.value.ids);
  }
  return ok(read);
}

export function checkGeneration(request: GenerationRequest, { config }: Subject): FieldError[] {
  const { tokens, temperature, topK, topP, repetitionPenalty, seed } = request;
  return [
    ...outside('generation.tokens', tokens, 1, MAX_GENERATED, true),
    ...outside('generation.temperature', temperature, 0, 100, false),
    ...outside('generation.topK', topK, 0, config.model.vocabSize, true),
    ...outside('generation.topP', topP, 0.001, 1, false),
    ...outside('generation.repetitionPenalty', repetitionPenalty, 0.1, 10, false),
    ...outside('generation.seed', seed, 0, 0xffffffff, true),
  ];
}

/** Of held-out text to measure on. */
export const checkTokens = (tokens: number): FieldError[] => outside('sweep.tokens', tokens, 1, MAX_SWEEP_TOKENS, true);

export function checkSweep(request: SweepRequest, { config }: Subject): FieldError[] {
  const errors = 'texts' in request.text ? [] : checkTokens(request.text.tokens);
  const layers = moeLayerCount(config.model);
  if (layers === 0) return [...errors, { field: 'model.nRoutedExperts', value: 0, rule: 'range', params: { min: 1, max: 128 } }];
  if (request.sweep === 'experts') {
    errors.push(...outside('sweep.seed', request.seed, 0, 0xffffffff, true));
    const possible = modesFor(config.model);
    const given: readonly unknown[] = request.modes;
    const stranger = given.find((mode) => !possible.some((one) => one === mode));
    if (given.length === 0 || given.length > ABLATION_MODES.length)
      errors.push({ field: 'sweep.modes', value: given.length, rule: 'range', params: { min: 1, max: ABLATION_MODES.length } });
    else if (stranger !== undefined)
      errors.push({ field: 'sweep.modes', value: briefValue(stranger), rule: 'oneOf', params: { options: possible.join(', ') } });
  }
  if (request.sweep === 'busiest') {
    const { shares } = request;
    if (shares.length < 1 || shares.length > MAX_SHARES)
      errors.push({ field: 'sweep.shares', value: shares.length, rule: 'range', params: { min: 1, max: MAX_SHARES } });
    errors.push(...shares.flatMap((share) => outside('sweep.shares', share, 0, 1, false)).slice(0, 1));
  }
  return errors;
}
