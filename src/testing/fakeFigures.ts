// Plausible figures for the fake engine, drawn from the run's seed.
import { isMoeLayer, moeLayerCount } from '../config/modelConfig';
import type { TrainConfig } from '../config/trainConfig';
import { assert } from '../core/assert';
import { rngFor, type Rng } from '../core/rng';
import { mean } from '../core/stats';
import type { RunInfo } from '../protocol/commands';
import type { BatchWindow, StepRouting, ValidationResult } from '../protocol/events';

export interface FakeRun {
  readonly info: RunInfo;
  train: TrainConfig;
  step: number;
  readonly bias: Float32Array;
}

export const DOMAINS = ['code', 'fiction', 'how-to', 'manual', 'poetry', 'speech'] as const;
const LANGUAGES = ['none', 'en', 'zh', 'en', 'zh', 'en'] as const;
const TEXT =
  '春江潮水连海平，海上明月共潮生。 The whale rose slowly out of the sea and the crew fell silent. 把土豆切成细丝，用清水浸泡十分钟。 Fellow citizens, we meet tonight in a time of trial. ';

/** Experts differ in taste by layer; the bias answers their load as the real one does. */
export function routingOf(run: FakeRun, rng: Rng, tokens: number): StepRouting | null {
  const { model } = run.info.config;
  const layers = moeLayerCount(model);
  const experts = model.nRoutedExperts;
  if (layers === 0) return null;
  const taste = rngFor(run.train.seed, 'init');
  const load = new Float32Array(layers * experts);
  const biasUpdate = new Float32Array(load.length);
  const bias = run.bias.slice();
  for (let layer = 0; layer < layers; layer++) {
    const row = load.subarray(layer * experts, (layer + 1) * experts);
    for (let expert = 0; expert < experts; expert++) {
      const pull = 0.4 * taste.normal() + (run.train.balanceMode === 'none' ? 0 : 12 * bias[layer * experts + expert]!);
      row[expert] = Math.exp(pull + 0.08 * rng.normal());
    }
    const scale = (tokens * model.numExpertsPerTok) / (mean(row) * experts);
    for (let expert = 0; expert < experts; expert++) row[expert] = Math.min(tokens, Math.round(row[expert]! * scale));
    const fair = mean(row);
    for (let expert = 0; expert < experts; expert++) {
      const steered = run.train.balanceMode !== 'none' && run.train.balanceMode !== 'frozen';
      biasUpdate[layer * experts + expert] = steered ? run.train.biasUpdateSpeed * Math.sign(fair - row[expert]!) : 0;
      run.bias[layer * experts + expert]! += biasUpdate[layer * experts + expert]!;
    }
  }
  const gateMass = load.map((assignments) => (assignments * model.routedScalingFactor) / model.numExpertsPerTok);
  const biasChangedShare = Float32Array.from(
    { length: layers },
    () => 0.12 * (1 - Math.exp(-run.step / 50)) + 0.01 * rng.uniform(),
  );
  const { biasUpdateSpeed } = run.train;
  return { step: run.step, layers, experts, load, bias, biasUpdateSpeed, biasUpdate, gateMass, biasChangedShare };
}

export function batchOf(run: FakeRun, rng: Rng, { layers, experts }: StepRouting): BatchWindow {
  const { model } = run.info.config;
  assert(isMoeLayer(model, model.numHiddenLayers - 1), 'the last layer of a model with experts routes');
  const K = model.numExpertsPerTok;
  const T = run.train.sequenceLength;
  const words = TEXT.match(/[一-鿿]{1,2}|[，。,.]| ?[A-Za-z]+|\s/g) ?? [];
  const pieces = Array.from({ length: T }, (_, t) => words[(t + run.step) % words.length]!);
  const chosen = new Uint16Array(layers * T * K);
  const weights = new Float32Array(chosen.length).fill(1 / K);
  for (let i = 0; i < layers * T; i++) {
    const first = (pieces[i % T]!.charCodeAt(0) * 7 + ((i / T) | 0)) % experts;
    for (let k = 0; k < K; k++) chosen[i * K + k] = (first + k * 5) % experts;
  }
  return {
    step: run.step,
    tokens: T,
    layers,
    expertsPerToken: K,
    ids: Int32Array.from(pieces, (piece) => piece.charCodeAt(0) % model.vocabSize),
    pieces,
    chosen,
    weights,
    biasChanged: Uint8Array.from({ length: layers * T }, () => (rng.uniform() < 0.1 ? 1 : 0)),
    loss: Float32Array.from({ length: T }, () => 8 * rng.uniform()),
  };
}

export function validationOf(step: number, loss: number, load: Float32Array): ValidationResult {
  const of = (nats: number, bytes: number) => ({
    tokens: 4000,
    nats,
    bitsPerByte: (nats / Math.LN2) * 0.3 * bytes,
    bitsPerCharacter: (nats / Math.LN2) * 0.6,
  });
  const domains = DOMAINS.map((domain, index) => ({
    domain,
    language: LANGUAGES[index]!,
    ...of(loss + 0.15 * (index - 2), 1 + 0.1 * index),
  }));
  return { step, overall: of(loss + 0.1, 1), domains, load };
}
