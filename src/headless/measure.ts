// A training run without a page, for the figures in LOG.md: `npm run measure -- '{"preset":"default","steps":400}'`.
import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { effectiveExpertShare, layerRow, maxVio, samplingFloor } from '../analysis/load';
import { moeLayerCount } from '../config/modelConfig';
import { PRESETS, type PresetId } from '../config/presets';
import type { LoggedChange, RunConfig } from '../config/trainConfig';
import { checkRunConfig } from '../config/validate';
import { mean } from '../core/stats';
import { createBatches } from '../data/batches';
import { createDefaultTokenizer, DEFAULT_TOKENIZER_SHA256 } from '../data/default/defaultTokenizer';
import { loadCorpus } from '../data/loadCorpus';
import { baselines } from '../data/ngrams';
import { validationSets } from '../data/validation';
import { evaluateLoss } from '../evaluation/loss';
import { startBackend, type BackendChoice } from '../kernels/backends';
import { Trainer } from '../training/trainer';

export interface MeasureOptions {
  readonly preset?: PresetId;
  readonly model?: Partial<RunConfig['model']>;
  readonly train?: Partial<RunConfig['train']>;
  /** Live changes, made at their steps. */
  readonly changes?: readonly LoggedChange[];
  readonly steps?: number;
  readonly backend?: BackendChoice;
  /** Steps between two printed lines. */
  readonly every?: number;
  readonly validationTokens?: number;
}

/** Trains, prints a JSON line every so often and the validation at the end. @param publicFolder where corpus/ lies */
export async function measure(options: MeasureOptions, publicFolder: string): Promise<void> {
  const { preset = 'default', steps = 400, every = 50, backend = 'wasm', validationTokens = 4096 } = options;
  const config: RunConfig = {
    ...PRESETS[preset],
    model: { ...PRESETS[preset].model, ...options.model },
    train: { ...PRESETS[preset].train, ...options.train },
  };
  const faults = checkRunConfig(config);
  if (faults.length > 0) throw new Error(JSON.stringify(faults));
  const started = await startBackend(backend, { wasmPath: undefined, onDeviceLost: fail, onDeviceError: fail });
  if (!started.ok) throw new Error(JSON.stringify(started.error));

  const corpus = await loadCorpus({
    readAsset: (path) => readFile(`${publicFolder}/${path}`),
    tokenizerSha256: DEFAULT_TOKENIZER_SHA256,
    onProgress: () => {},
  });
  if (!corpus.ok) throw new Error(JSON.stringify(corpus.error));
  const batches = createBatches(corpus.value, config.data, config.train);
  if (!batches.ok) throw new Error(JSON.stringify(batches.error));
  const { sequenceLength, batchSize, shards } = config.train;
  const sets = validationSets(corpus.value, config.data, {
    sequenceLength,
    maxTokensPerDomain: validationTokens,
    seed: 1,
    tokenizer: createDefaultTokenizer(),
  });
  print({
    backend: started.value.backend,
    corpus: corpus.value.info.variant,
    baselines: baselines(corpus.value, config.data, sets),
  });

  const trainer = new Trainer(config, batches.value, { replay: options.changes });
  const begun = performance.now();
  for await (const event of trainer.events()) {
    if (event.kind !== 'step') continue;
    const { report, step } = event;
    if (step === 1 || step % every === 0) {
      const seconds = (performance.now() - begun) / 1000;
      print({
        step,
        loss: report.loss,
        gradientNorm: report.gradientNorm,
        maxVioBatch: perLayer(report.load, config),
        collapse: perLayer(report.load, config, effectiveExpertShare),
        changed: [...report.biasChangedShare],
        bias: Math.max(0, ...report.bias.map(Math.abs)),
        tokensPerSecond: Math.round(event.tokensSeen / seconds),
      });
    }
    if (!report.finite || step >= steps) break;
  }

  let nats = 0;
  let tokens = 0;
  const load = new Float32Array(moeLayerCount(config.model) * config.model.nRoutedExperts);
  for (const set of sets) {
    const passes = evaluateLoss(() => trainer.model, set.ids, sequenceLength, batchSize / shards);
    let pass = await passes.next();
    while (!pass.done) pass = await passes.next();
    const { value } = pass;
    nats += value.nats;
    tokens += value.tokens;
    value.load.forEach((assignments, index) => (load[index]! += (assignments / value.tokens) * set.mixtureShare));
    print({ domain: set.domain, language: set.language, nats: value.nats / value.tokens });
  }
  const global = perLayer(load, config);
  const { nRoutedExperts: E, numExpertsPerTok: K } = config.model;
  print({
    validation: nats / tokens,
    tokens,
    maxVioGlobal: global,
    meanMaxVioGlobal: mean(global),
    floor: E > 0 ? samplingFloor(tokens, E, K) : null,
  });
}

/** `figure` of each layer's load. */
function perLayer(load: Float32Array, { model }: RunConfig, figure: (load: Float32Array) => number = maxVio): number[] {
  return Array.from({ length: moeLayerCount(model) }, (_, layer) => figure(layerRow(load, layer, model.nRoutedExperts)));
}

function fail(detail: string): void {
  throw new Error(detail);
}

const print = (line: unknown): void => console.log(JSON.stringify(line));
