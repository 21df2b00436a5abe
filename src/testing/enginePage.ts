// A page and an engine that talk over a real channel, on a corpus of our own sentences, for the tests of the session.
import type { BlobStore } from '../checkpoint/blobStore';
import { PRESETS } from '../config/presets';
import type { RunConfig } from '../config/trainConfig';
import { hashedBytes, MANIFEST_PATH, TOKENS_PATH, type CorpusManifest } from '../data/corpus';
import { createDefaultTokenizer, DEFAULT_TOKENIZER_SHA256 } from '../data/default/defaultTokenizer';
import { createClient, createEngineEnd, type Client, type ClientOptions, type EngineEnd } from '../protocol/channel';
import type { BackendChoice, RunInfo } from '../protocol/commands';
import type { RunPhase, StepRouting, StepScalars, Topic, Topics } from '../protocol/events';
import type { FaultWays } from '../worker/faults';
import type { Platform } from '../worker/platform';
import type { RunPlace } from '../worker/keeping/archive';
import { createWebRunLocks } from '../worker/keeping/runLocks';
import { Session } from '../worker/session';
import { FakeLocks, tabs } from './fakeLocks';
import { MemoryStore } from './memoryStore';
import type { HelperPort } from '../worker/shardMessages';
import { testBackend } from './backend';
import { valueOf } from './fixtureModel';

const LINES = [
  'the train stops at the yard and the points are set',
  '火车停在车场，道岔已经扳好',
  'a signal falls and the heavy wagons roll',
  '信号落下，沉重的车厢开始滚动',
];

/** A corpus of our own sentences, as the two files the engine reads. */
export async function corpusFiles(): Promise<Record<string, Uint8Array>> {
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

export const config: RunConfig = {
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

export interface Page {
  readonly client: Client;
  readonly news: { [T in Topic]: Topics[T][] };
}

const open: MessagePort[] = [];

/** For `afterEach`: an open port would keep its end alive. */
export function closePages(): void {
  for (const port of open.splice(0)) port.close();
}

export interface PageOptions extends ClientOptions {
  /** Starts a worker that helps the engine; left out: there can be none. */
  readonly spawnHelper?: () => HelperPort;
  /** Called before an asset is delivered, with the signal that gives it up. */
  readonly beforeAsset?: (signal?: AbortSignal) => Promise<void>;
  /** Called when a fault on purpose ends the worker. */
  readonly onEnd?: (how: 'crash' | 'close') => void;
  /** Where runs are kept; left out: in memory, for this page alone. */
  readonly place?: RunPlace;
}

/** A slow backend on a busy machine needs that long for a step; the robbery itself is tested with the locks. */
const TAKE_OVER_MS = 30_000;

/** Tabs of one browser, where runs are kept in `store`. Each call gives the view of one tab. */
export function sharedPlace(store: BlobStore, now: () => number = () => 0): () => RunPlace {
  const locks = new FakeLocks();
  const channel = tabs();
  return () => ({
    openStore: () => Promise.resolve({ store, place: 'files' }),
    locks: createWebRunLocks(locks, channel(), TAKE_OVER_MS),
    now,
    room: () => Promise.resolve(null),
  });
}

/** A page and an engine that talk over a MessageChannel. */
async function page(files: Record<string, Uint8Array> | null, options: PageOptions): Promise<Page> {
  const assets = files ?? (await corpusFiles());
  let ids = 0;
  const platform: Platform & Pick<FaultWays, 'end'> = {
    readAsset: async (path, signal) => {
      await options.beforeAsset?.(signal);
      if (!assets[path]) throw new Error(`no ${path}`);
      return assets[path].slice();
    },
    clock: () => performance.now(),
    breathe: () => new Promise((resolve) => setTimeout(resolve, 0)),
    freshId: () => `run-${++ids}`,
    end: (how) => options.onEnd?.(how),
    cores: 1,
    spawnHelper: () => options.spawnHelper?.() ?? null,
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
    new Session(platform, (topic, merge) => end.publish(topic, merge), options.place ?? sharedPlace(new MemoryStore())())
      .handlers,
  );
  const client = createClient(asPort(port2), options);
  port1.start();
  port2.start();
  const news: Page['news'] = {
    phase: [],
    steps: [],
    batch: [],
    validation: [],
    baselines: [],
    samples: [],
    keeping: [],
    letGo: [],
    snapshots: [],
    stepTraces: [],
  };
  for (const topic of Object.keys(news) as Topic[])
    client.subscribe(topic, (payload) => void (news[topic] as unknown[]).push(payload));
  return { client, news };
}

/** The backend of this test project. */
export const BACKEND: BackendChoice = ({ cpu: 'cpu', wasm: 'wasm', webgpu: 'webgpu-software' } as const)[testBackend()];

/** A page whose engine has started. @param files left out: the corpus of our own sentences */
export async function booted(files: Record<string, Uint8Array> | null = null, options: PageOptions = {}): Promise<Page> {
  const opened = await page(files, options);
  valueOf(await opened.client.request({ kind: 'boot', backend: BACKEND }));
  return opened;
}

export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 100_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('it did not happen within 100 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export const phaseOf = ({ news }: Page): RunPhase | undefined => news.phase.at(-1);
export const scalarsOf = ({ news }: Page): StepScalars[] => news.steps.flatMap(({ scalars }) => [...scalars]);
export const routingOf = ({ news }: Page): StepRouting[] => news.steps.flatMap(({ routing }) => [...routing]);

/** A run that has trained `count` steps. */
export async function trained(opened: Page, count: number, settings: RunConfig = config): Promise<RunInfo> {
  const info = valueOf(await opened.client.request({ kind: 'createRun', config: settings }));
  valueOf(await opened.client.request({ kind: 'step', count }));
  const hasCome = () =>
    opened.news.steps.some(({ runId, scalars }) => runId === info.runId && scalars.some(({ step }) => step === count));
  await until(() => {
    const phase = phaseOf(opened);
    return phase?.phase === 'paused' && phase.step === count && hasCome();
  });
  return info;
}
