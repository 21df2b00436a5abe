// From what the engine knows to what the page is told.
import { moeLayerCount, type ModelConfig } from '../config/modelConfig';
import type { Tokenizer } from '../data/tokenizer';
import type { ValidationSet } from '../data/validation';
import type { SetLoss } from '../evaluation/loss';
import type { BatchWindow, DomainLoss, StepRouting, StepScalars, ValidationResult } from '../protocol/events';
import type { TrainEvent } from '../training/trainer';

type StepEvent = Extract<TrainEvent, { kind: 'step' }>;

export function stepScalars({ report, step, learningRate, tokensSeen, epoch, workers }: StepEvent, stepMs: number): StepScalars {
  const { loss, balanceLoss, gradientNorm, clipped, maxAttentionLogit } = report;
  return { step, loss, balanceLoss, gradientNorm, clipped, maxAttentionLogit, learningRate, tokensSeen, epoch, stepMs, workers };
}

export function stepRouting({ report, step, biasUpdateSpeed }: StepEvent, model: ModelConfig): StepRouting {
  const { load, bias, biasUpdate, gateMass, biasChangedShare } = report;
  return {
    step,
    layers: moeLayerCount(model),
    experts: model.nRoutedExperts,
    load,
    bias,
    biasUpdateSpeed,
    biasUpdate,
    gateMass,
    biasChangedShare,
  };
}

export function batchWindow({ report, step, ids }: StepEvent, model: ModelConfig, tokenizer: Tokenizer): BatchWindow {
  return {
    step,
    tokens: ids.length,
    layers: moeLayerCount(model),
    expertsPerToken: model.numExpertsPerTok,
    ids,
    pieces: Array.from(ids, (id) => tokenizer.piece(id)),
    ...report.window,
  };
}

/** Sums over a text, and the three ways to tell its loss: per token in nats, per byte and per character in bits. */
function lossOf(nats: number, tokens: number, bytes: number, characters: number): Omit<DomainLoss, 'domain' | 'language'> {
  const bits = nats / Math.LN2;
  return { tokens, nats: nats / tokens, bitsPerByte: bits / bytes, bitsPerCharacter: bits / characters };
}

/** @param losses one a validation set; their loads are [L, E] of one shape. The load comes out per token of the training mixture. */
export function validationResult(step: number, losses: readonly (SetLoss & { readonly set: ValidationSet })[]): ValidationResult {
  const total = { nats: 0, tokens: 0, bytes: 0, characters: 0 };
  const load = new Float32Array(losses[0]?.load.length ?? 0);
  for (const { nats, tokens, set, load: part } of losses) {
    total.nats += nats;
    total.tokens += tokens;
    total.bytes += set.bytes;
    total.characters += set.characters;
    part.forEach((assignments, index) => (load[index]! += (assignments / tokens) * set.mixtureShare));
  }
  return {
    step,
    overall: lossOf(total.nats, total.tokens, total.bytes, total.characters),
    domains: losses.map(({ set, nats, tokens }) => ({
      domain: set.domain,
      language: set.language,
      ...lossOf(nats, tokens, set.bytes, set.characters),
    })),
    load,
  };
}
