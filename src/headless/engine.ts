// Starting a backend in Node, and the text every command needs.
import type { RunIdentity } from '../checkpoint/runState';
import { BUILD } from '../core/build';
import type { RunConfig } from '../config/trainConfig';
import { createBatches, type Batches } from '../data/batches';
import type { Corpus } from '../data/corpus';
import { createDefaultTokenizer, DEFAULT_TOKENIZER_SHA256 } from '../data/default/defaultTokenizer';
import { loadCorpus } from '../data/loadCorpus';
import type { Tokenizer } from '../data/tokenizer';
import { startBackend, type BackendName, type BackendStart } from '../kernels/backends';
import { describeAdapter, findAdapters } from '../kernels/webgpu/adapters';
import { memoryShortage } from '../training/memoryShortage';
import type { Platform } from '../worker/platform';
import { Trouble } from './trouble';

export const BACKENDS: readonly BackendName[] = ['wasm', 'cpu', 'webgpu', 'webgpu-software'];

export interface Text {
  readonly corpus: Corpus;
  readonly tokenizer: Tokenizer;
}

/** Dawn for Node, which brings WebGPU. Optional: an install may leave it out. */
const WEBGPU_PACKAGE = 'webgpu';

async function provideWebGpu(): Promise<void> {
  try {
    const dawn = (await import(/* @vite-ignore */ WEBGPU_PACKAGE)) as { create(flags: string[]): GPU; globals: object };
    Object.assign(globalThis, dawn.globals);
    Object.defineProperty(globalThis, 'navigator', { value: { gpu: dawn.create([]) }, configurable: true });
  } catch (thrown) {
    const detail = thrown instanceof Error ? thrown.message.split('\n')[0] : String(thrown);
    throw new Trouble(
      `WebGPU in Node needs the package ${WEBGPU_PACKAGE} (Dawn), which did not load: ${detail}. ` +
        'Install it with `npm ci --include=optional`, or use --backend wasm.',
    );
  }
}

/** Why WebGPU found no adapter of the kind asked for, and what would help. */
async function adapterAdvice(backend: BackendName): Promise<string> {
  const other = backend === 'webgpu' ? 'webgpu-software' : 'webgpu';
  const [found] = await findAdapters();
  if (found) return `Here is only ${describeAdapter(found)}: use --backend ${other}.`;
  return (
    'Dawn found no adapter at all: it needs a driver (on Linux Vulkan’s; VK_ICD_FILENAMES names its file, and Chromium brings a software ' +
    'one, vk_swiftshader_icd.json). Use --backend wasm where there is none.'
  );
}

/** Starts exactly `backend`: a run's bits depend on it, so nothing else is tried in its place. Throws Trouble. */
export async function startEngine(backend: BackendName): Promise<BackendStart> {
  if (backend.startsWith('webgpu')) await provideWebGpu();
  const fail = (detail: string): void => {
    throw new Trouble(`The device failed: ${detail}`);
  };
  const started = await startBackend(backend, { wasmPath: undefined, onDeviceLost: fail, onDeviceError: fail });
  const failures = started.ok ? started.value.failures : started.error;
  if (started.ok && started.value.backend === backend) return started.value;
  const reasons = `The backend did not start: ${failures.map((one) => `${one.backend}: ${one.detail}`).join('; ')}.`;
  throw new Trouble(backend.startsWith('webgpu') ? `${reasons} ${await adapterAdvice(backend)}` : reasons);
}

/** Corpus and tokenizer. Throws Trouble where they are not there or damaged. */
export async function loadText(readAsset: Platform['readAsset']): Promise<Text> {
  const corpus = await loadCorpus({ readAsset, tokenizerSha256: DEFAULT_TOKENIZER_SHA256, onProgress: () => undefined });
  if (corpus.ok) return { corpus: corpus.value, tokenizer: createDefaultTokenizer() };
  throw new Trouble(`There is no text to learn from (${corpus.error.detail}). Prepare it with \`npm run corpus\`.`);
}

/** What `config` trains on. Throws Trouble, as an argument's fault, where its tokens or its text do not fit. */
export function batchesOf({ corpus, tokenizer }: Text, config: RunConfig): Batches {
  if (config.model.vocabSize < tokenizer.vocabSize)
    throw new Trouble(`model.vocabSize is ${config.model.vocabSize}, but the text has ${tokenizer.vocabSize} tokens.`, 2);
  const batches = createBatches(corpus, config.data, config.train);
  if (batches.ok) return batches.value;
  const none = batches.error.detail === 'chinese' ? 'no Chinese text' : 'no text but Chinese';
  const { domains, chineseShare } = config.data;
  throw new Trouble(
    `data.domains=${domains.join(',')} leaves ${none}, and data.chineseShare=${chineseShare} asks for it. ` +
      `There are ${domainsOf(corpus).join(', ')}.`,
    2,
  );
}

/** Each domain with its languages. */
function domainsOf({ info }: Corpus): string[] {
  const languages = new Map<string, Set<string>>();
  for (const { domain, language } of info.sources) languages.set(domain, (languages.get(domain) ?? new Set()).add(language));
  return [...languages].map(([domain, spoken]) => `${domain} (${[...spoken].join(', ')})`);
}

/** Throws Trouble, as an argument's fault, where a new run names a domain that the text does not have. */
export function checkDomains({ corpus }: Text, { data }: RunConfig): void {
  const unknown = data.domains.find((name) => corpus.info.sources.every(({ domain }) => domain !== name));
  if (unknown !== undefined)
    throw new Trouble(`data.domains names ${unknown}, which is none of the text's: ${domainsOf(corpus).join(', ')}.`, 2);
}

/** Throws Trouble, as an argument's fault, where the backend that runs cannot hold what training `config` takes. */
export function checkMemory(config: RunConfig): void {
  const shortage = memoryShortage(config);
  if (shortage === null) return;
  const advice = 'A smaller model, train.batchSize or train.sequenceLength needs less.';
  throw new Trouble(`The run needs more memory than the backend has: ${shortage}. ${advice}`, 2);
}

export function identityOf({ corpus }: Text, { backend, device }: BackendStart): RunIdentity {
  const { sha256, tokenizerSha256 } = corpus.info;
  return { backend, kernels: device, build: BUILD, corpus: sha256, tokenizer: tokenizerSha256 };
}

/** Throws Trouble if a saved run learned from another text than the one that is here. */
export function checkSameText(saved: RunIdentity, { corpus }: Text): void {
  const { sha256, tokenizerSha256 } = corpus.info;
  for (const [what, then, now] of [
    ['text', saved.corpus, sha256],
    ['tokenizer', saved.tokenizer, tokenizerSha256],
  ] as const)
    if (then !== now)
      throw new Trouble(`The saved run has another ${what} (SHA-256 ${then.slice(0, 12)}…) than is here (${now.slice(0, 12)}…).`);
}
