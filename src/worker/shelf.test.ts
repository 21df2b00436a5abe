// The model that comes with the page, from files to a model that answers.
import { beforeAll, describe, expect, it } from 'vitest';
import { manifestJson, SHELF_MANIFEST, type ShelfManifest } from '../checkpoint/shelf';
import { encodeSnapshot, type Snapshot } from '../checkpoint/snapshot';
import { moeLayerCount } from '../config/modelConfig';
import { PRESETS } from '../config/presets';
import { DEFAULT_TOKENIZER_SHA256 } from '../data/default/defaultTokenizer';
import { memoryHeld } from '../kernels/memoryLimits';
import { read } from '../kernels/tensor';
import { initialValues, parameterSpecs } from '../model/parameters';
import { startTestBackend } from '../testing/startTestBackend';
import { Shelf } from './shelf';

beforeAll(startTestBackend);

const { model } = PRESETS.default;
const config = {
  ...PRESETS.default,
  model: { ...model, hiddenSize: 16, headDim: 4, intermediateSize: 16, moeIntermediateSize: 8 },
};
const snapshotAt = (step: number, tokenizer = DEFAULT_TOKENIZER_SHA256): Snapshot => ({
  runId: 'a-run',
  config,
  identity: { backend: 'wasm', kernels: '', build: 'test', corpus: 'c', tokenizer },
  step,
  parameters: parameterSpecs(config.model).map((spec, index) => initialValues(spec, index, config.model, step)),
  biases: Array.from({ length: moeLayerCount(config.model) }, (_, layer) =>
    new Float32Array(model.nRoutedExperts).fill((layer + step) / 8),
  ),
});
const entry = (step: number, file = `step-${step}.safetensors`): ShelfManifest['snapshots'][number] => ({
  step,
  file,
  bytes: 1,
  sha256: '',
  nats: 5,
  domains: [],
  maxVioGlobal: [0.1, 0.1, 0.1],
});
const manifest: ShelfManifest = {
  runId: 'a-run',
  name: 'two words',
  config,
  baselines: { uniform: 7.6, unigram: 6.7, bigram: 4.4 },
  snapshots: [entry(3), entry(8)],
};

/** A shelf over files in memory, and the names that were read. */
function shelfOver(files: Readonly<Record<string, Uint8Array | object | undefined>>) {
  const asked: string[] = [];
  const readAsset = (path: string): Promise<Uint8Array> => {
    asked.push(path);
    const file = files[path];
    if (!file) return Promise.reject(new Error(`no ${path}`));
    return Promise.resolve(file instanceof Uint8Array ? file : new TextEncoder().encode(JSON.stringify(file)));
  };
  return { shelf: new Shelf(readAsset), asked };
}
const whole = {
  [`model/${SHELF_MANIFEST}`]: manifestJson(manifest),
  'model/step-3.safetensors': encodeSnapshot(snapshotAt(3), parameterSpecs),
  'model/step-8.safetensors': encodeSnapshot(snapshotAt(8), parameterSpecs),
};

describe('the shelf', () => {
  it('reads only what is asked for, keeps one snapshot on the device, and frees it', async () => {
    const { shelf, asked } = shelfOver(whole);
    const before = memoryHeld().tensors;
    const early = await shelf.open(3);
    if (!early.ok) throw new Error(early.error.detail);
    const [bias] = await Promise.all(early.value.model.choiceOffsets.map(read));
    expect(bias).toEqual(new Float32Array(model.nRoutedExperts).fill(3 / 8));
    const held = memoryHeld().tensors;
    const late = await shelf.open(8);
    expect(late.ok && late.value.isThere()).toBe(true);
    expect(early.value.isThere()).toBe(false);
    expect(memoryHeld().tensors).toBe(held);
    expect(asked).toEqual(['model/manifest.json', 'model/step-3.safetensors', 'model/step-8.safetensors']);
    shelf.close();
    expect(memoryHeld().tensors).toBe(before);
    expect(late.ok && late.value.isThere()).toBe(false);
  });

  it('gives two who ask for one snapshot at once the same model', async () => {
    const { shelf } = shelfOver(whole);
    const before = memoryHeld().tensors;
    const [one, other] = await Promise.all([shelf.open(3), shelf.open(3)]);
    expect(one.ok && other.ok && one.value === other.value && one.value.isThere()).toBe(true);
    shelf.close();
    expect(memoryHeld().tensors).toBe(before);
  });

  it.each([
    { what: 'no manifest', files: {}, detail: /manifest\.json/ },
    {
      what: 'a page in its place',
      files: { 'model/manifest.json': new TextEncoder().encode('<!doctype html>') },
      detail: /JSON/,
    },
    {
      what: 'another version',
      files: { 'model/manifest.json': { ...manifest, version: 2 } },
      detail: /version 2; this build reads 1/,
    },
    {
      what: 'a file outside its folder',
      files: { 'model/manifest.json': manifestJson({ ...manifest, snapshots: [entry(3, '../secret.safetensors')] }) },
      detail: /snapshots\[0\] is malformed/,
    },
    {
      what: 'a damaged snapshot',
      files: { ...whole, 'model/step-3.safetensors': whole['model/step-3.safetensors'].subarray(0, 5000) },
      detail: /step-3\.safetensors: container/,
    },
    {
      what: 'another tokenizer',
      files: { ...whole, 'model/step-3.safetensors': encodeSnapshot(snapshotAt(3, 'other'), parameterSpecs) },
      detail: /another tokenizer/,
    },
  ])('says what is wrong: $what', async ({ files, detail }) => {
    const opened = await shelfOver(files).shelf.open(3);
    expect(opened).toMatchObject({
      ok: false,
      error: { code: 'model-unavailable', detail: expect.stringMatching(detail) as string },
    });
  });

  it('names the steps there are when asked for another', async () => {
    expect(await shelfOver(whole).shelf.open(5)).toMatchObject({ error: { detail: 'step 5; there are 3, 8' } });
  });
});
