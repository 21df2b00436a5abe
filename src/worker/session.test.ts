// The engine behind its door: everything the page can ask, over a real channel, on the backend of this test project.
import { afterEach, describe, expect, it } from 'vitest';
import { PRESETS } from '../config/presets';
import type { RunConfig } from '../config/trainConfig';
import { hashedBytes, MANIFEST_PATH, TOKENS_PATH, type CorpusManifest } from '../data/corpus';
import { createDefaultTokenizer, DEFAULT_TOKENIZER_SHA256 } from '../data/default/defaultTokenizer';
import { createClient, createEngineEnd, type Client, type EngineEnd } from '../protocol/channel';
import type { RunInfo } from '../protocol/commands';
import type { RunPhase, StepRouting, StepScalars, Topic, Topics } from '../protocol/events';
import { testBackend } from '../testing/backend';
import { valueOf } from '../testing/fixtureModel';
import type { Platform } from './platform';
import { Session } from './session';

const LINES = [
  'the train stops at the yard and the points are set',
  '火车停在车场，道岔已经扳好',
  'a signal falls and the heavy wagons roll',
  '信号落下，沉重的车厢开始滚动',
];

/** A corpus of our own sentences, as the two files the engine reads. */
async function corpusFiles(): Promise<Record<string, Uint8Array>> {
  const tokenizer = createDefaultTokenizer();
  const texts = Array.from({ length: 48 }, (_, d) =>
    Array.from({ length: 6 }, (_, i) => LINES[(d + 2 * i) % 4]!).join(d % 2 ? '，' : ' '),
  );
  const rows = texts.map((text) => [...tokenizer.encode(text), tokenizer.endOfDocument]);
  const tokens = new Uint8Array(Uint16Array.from(rows.flat()).buffer);
  const documents = {
    source: texts.map((_, d) => d % 2),
    tokens: rows.map((row) => row.length),
    bytes: texts.map((text) => new TextEncoder().encode(text).length),
    characters: texts.map((text) => [...text].length),
    validation: [0, 1, 2, 3],
  };
  const digest = await crypto.subtle.digest('SHA-256', hashedBytes(tokens, documents));
  const source = { origin: 'test', licence: 'MIT', documents: 24, bytes: 0, tokens: 0, parallel: null };
  const manifest: CorpusManifest = {
    format: 1,
    info: {
      variant: 'small',
      sha256: Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join(''),
      tokenizerSha256: DEFAULT_TOKENIZER_SHA256,
      vocabSize: tokenizer.vocabSize,
      domains: ['yard'],
      sources: [
        { ...source, id: 'en', title: 'en', domain: 'yard', language: 'en' },
        { ...source, id: 'zh', title: 'zh', domain: 'yard', language: 'zh' },
      ],
      bytes: { zh: 1, en: 1, none: 0 },
      tokens: { zh: 1, en: 1, none: 0 },
      validationDocuments: 4,
      trainingDocuments: 44,
    },
    documents,
  };
  return { [MANIFEST_PATH]: new TextEncoder().encode(JSON.stringify(manifest)), [TOKENS_PATH]: tokens };
}

const config: RunConfig = {
  model: {
    ...PRESETS.default.model,
    hiddenSize: 16,
    intermediateSize: 16,
    moeIntermediateSize: 8,
    numHiddenLayers: 2,
    numAttentionHeads: 2,
    numKeyValueHeads: 2,
    headDim: 8,
    nRoutedExperts: 4,
    nSharedExperts: 1,
    numExpertsPerTok: 2,
  },
  train: {
    ...PRESETS.default.train,
    batchSize: 4,
    shards: 2,
    sequenceLength: 16,
    validationEvery: 2,
    sampleEvery: 2,
    sampleTokens: 2,
  },
  data: PRESETS.default.data,
};

interface Page {
  readonly client: Client;
  readonly news: { [T in Topic]: Topics[T][] };
}

const open: MessagePort[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

/** A page and an engine that talk over a MessageChannel. */
async function page(files: Record<string, Uint8Array> | null = null): Promise<Page> {
  const assets = files ?? (await corpusFiles());
  let ids = 0;
  const platform: Platform = {
    readAsset: (path) => (assets[path] ? Promise.resolve(assets[path].slice()) : Promise.reject(new Error(`no ${path}`))),
    clock: () => performance.now(),
    breathe: () => new Promise((resolve) => setTimeout(resolve, 0)),
    freshId: () => `run-${++ids}`,
    wasmPath: undefined,
  };
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  const asPort = (port: MessagePort) => ({
    postMessage: (message: unknown, transfer: ArrayBuffer[]) => port.postMessage(message, transfer),
    addEventListener: (type: 'message', listener: (event: { readonly data: unknown }) => void) =>
      port.addEventListener(type, listener),
  });
  const end: EngineEnd = createEngineEnd(
    asPort(port1),
    new Session(platform, (topic, merge) => end.publish(topic, merge)).handlers,
  );
  const client = createClient(asPort(port2));
  port1.start();
  port2.start();
  const news: Page['news'] = { phase: [], steps: [], batch: [], validation: [], samples: [] };
  for (const topic of Object.keys(news) as Topic[])
    client.subscribe(topic, (payload) => void (news[topic] as unknown[]).push(payload));
  return { client, news };
}

async function booted(files?: Record<string, Uint8Array>): Promise<Page> {
  const opened = await page(files ?? null);
  const backend = { cpu: 'cpu', wasm: 'wasm', webgpu: 'webgpu-software' } as const;
  valueOf(await opened.client.request({ kind: 'boot', backend: backend[testBackend()] }));
  return opened;
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 50_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('it did not happen within 50 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const phaseOf = ({ news }: Page): RunPhase | undefined => news.phase.at(-1);
const scalarsOf = ({ news }: Page): StepScalars[] => news.steps.flatMap(({ scalars }) => [...scalars]);
const routingOf = ({ news }: Page): StepRouting[] => news.steps.flatMap(({ routing }) => [...routing]);

/** A run that has trained `count` steps. */
async function trained(opened: Page, count: number, settings: RunConfig = config): Promise<RunInfo> {
  const info = valueOf(await opened.client.request({ kind: 'createRun', config: settings }));
  valueOf(await opened.client.request({ kind: 'step', count }));
  await until(() => scalarsOf(opened).some(({ step }) => step === count) && phaseOf(opened)?.phase === 'paused');
  return info;
}

describe('the session', () => {
  it('trains the steps it is asked for, and tells of each: scalars, routing, the batch, validation, a sample', async () => {
    const opened = await booted();
    valueOf(await opened.client.request({ kind: 'samplePrompt', prompt: 'the signal' }));
    const info = await trained(opened, 2);
    await until(() => opened.news.samples.length > 0 && opened.news.validation.length > 0);
    expect(info.epochTokens).toBeGreaterThan(1000);
    expect(info.baselines.uniform).toBeCloseTo(Math.log(2048), 6);
    expect(scalarsOf(opened).map(({ step }) => step)).toEqual([1, 2]);
    expect(scalarsOf(opened)[0]!.loss).toBeCloseTo(Math.log(2048), 0);
    const assignments = config.train.batchSize * config.train.sequenceLength * config.model.numExpertsPerTok;
    for (const { load, layers } of routingOf(opened))
      expect(load.reduce((sum, value) => sum + value, 0)).toBe(layers * assignments);
    const { window } = opened.news.batch.at(-1)!;
    expect(window.pieces.join('').length).toBeGreaterThan(10);
    expect([...window.chosen].every((expert) => expert < config.model.nRoutedExperts)).toBe(true);
    const [validation] = opened.news.validation.at(-1)!.results;
    expect(validation!.domains.map(({ language }) => language).sort()).toEqual(['en', 'zh']);
    expect(validation!.load.reduce((sum, value) => sum + value, 0)).toBeCloseTo(config.model.numExpertsPerTok, 4);
    expect(opened.news.samples.at(-1)!.results.at(-1)!.text.startsWith('the signal')).toBe(true);
  });

  it('repeats a run bit for bit, live changes included, from its log', async () => {
    const first = await booted();
    await trained(first, 2);
    valueOf(await first.client.request({ kind: 'change', change: { balanceMode: 'none', learningRate: 0.01 } }));
    valueOf(await first.client.request({ kind: 'step', count: 2 }));
    await until(() => scalarsOf(first).length === 4 && phaseOf(first)?.phase === 'paused');
    const log = valueOf(await first.client.request({ kind: 'runLog' }));
    expect(log.steps).toBe(4);
    const again = await booted();
    valueOf(await again.client.request({ kind: 'createRun', config: log.config, replay: log.changes }));
    valueOf(await again.client.request({ kind: 'step', count: 4 }));
    await until(() => scalarsOf(again).length === 4);
    expect(scalarsOf(again).map(({ loss }) => loss)).toEqual(scalarsOf(first).map(({ loss }) => loss));
  });

  it('plays until paused, and answers a prompt while it trains', async () => {
    const opened = await booted();
    valueOf(
      await opened.client.request({
        kind: 'createRun',
        config: { ...config, train: { ...config.train, validationEvery: 0, sampleEvery: 0 } },
      }),
    );
    valueOf(await opened.client.request({ kind: 'play' }));
    await until(() => scalarsOf(opened).length > 0);
    const request = { model: { kind: 'live' } as const, prompt: '信号', tokens: 2, temperature: 0, seed: 1 };
    const sample = valueOf(await opened.client.request({ kind: 'sample', request }));
    expect(sample.text.startsWith('信号')).toBe(true);
    expect(phaseOf(opened)?.phase).toBe('training');
    valueOf(await opened.client.request({ kind: 'pause' }));
    await until(() => phaseOf(opened)?.phase === 'paused');
  });

  it('a new run begins at step 0 and ends the one before it', async () => {
    const opened = await booted();
    const first = await trained(opened, 2);
    const second = await trained(opened, 1);
    expect(second.runId).not.toBe(first.runId);
    expect(opened.news.steps.at(-1)!.runId).toBe(second.runId);
    expect(scalarsOf(opened).map(({ loss }) => loss)[2]).toBe(scalarsOf(opened)[0]!.loss);
  });

  it('refuses what it cannot do, and says why', async () => {
    const opened = await booted();
    const play = await opened.client.request({ kind: 'play' });
    expect(!play.ok && play.error.code).toBe('no-run');
    const broken = await opened.client.request({
      kind: 'createRun',
      config: { ...config, model: { ...config.model, headDim: 7 } },
    });
    expect(!broken.ok && broken.error.code).toBe('invalid-config');
    expect(!broken.ok && broken.error.fields?.map(({ field, rule }) => `${field} ${rule}`)).toEqual(['model.headDim even']);
    const small = await opened.client.request({
      kind: 'createRun',
      config: { ...config, model: { ...config.model, vocabSize: 300 } },
    });
    expect(!small.ok && small.error.fields?.[0]?.field).toBe('model.vocabSize');
    const textless = await opened.client.request({
      kind: 'createRun',
      config: { ...config, data: { domains: ['elsewhere'], chineseShare: 0.5 } },
    });
    expect(!textless.ok && textless.error.code).toBe('no-text');
    const request = { model: { kind: 'shipped', name: 'x' } as const, prompt: '', tokens: 1, temperature: 0, seed: 1 };
    const sample = await opened.client.request({ kind: 'sample', request });
    expect(!sample.ok && sample.error.code).toBe('model-unavailable');
  });

  it('names a missing corpus and a damaged one', async () => {
    const missing = await booted({});
    const first = await missing.client.request({ kind: 'corpus' });
    expect(!first.ok && first.error.code).toBe('corpus-missing');
    const files = await corpusFiles();
    files[TOKENS_PATH]![0]! ^= 1;
    const damaged = await booted(files);
    const second = await damaged.client.request({ kind: 'corpus' });
    expect(!second.ok && second.error.code).toBe('corpus-damaged');
  });
});
