// A published checkpoint comes in and goes out again; what independent readers make of it is what was meant.
import { safetensors as otherReader } from '@jax-js/loaders';
import { Tokenizer as OtherTokenizer } from '@huggingface/tokenizers';
import { describe, expect, it } from 'vitest';
import { PRESETS } from '../../config/presets';
import type { ModelConfig } from '../../config/modelConfig';
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from '../../core/halfFloats';
import { createDefaultTokenizer, DEFAULT_TOKENIZER_JSON } from '../../data/default/defaultTokenizer';
import { initialValues, parameterSpecs } from '../../model/parameters';
import { fixtureFiles, inFolder, ROOMY, textBytes, type Files } from '../../testing/checkpointFolders';
import { valueOf } from '../../testing/fixtureModel';
import { biasSpecs } from '../runParts';
import { readSafetensors, writeSafetensors } from '../safetensors';
import { exportFolder, type ExportedModel, type ExportOptions } from './exportFolder';
import { importFolder, type ImportedCheckpoint } from './importFolder';
import { openZip, packZip } from './zip';

const tokenizer = { json: DEFAULT_TOKENIZER_JSON, endOfDocument: 2047, endToken: '<|endoftext|>' };
const provenance = { name: 'quiet river', trained: { steps: 400, tokens: 819_200 }, build: 'test' };
const plain: ExportOptions = { dtype: 'F32', isFolded: false };

const taken = async (files: Files): Promise<ImportedCheckpoint> => valueOf(await importFolder(inFolder(files), ROOMY));
/** All of them, to be compared at once: number by number takes a matcher half a minute on a busy machine. */
const bytesOf = (arrays: readonly ArrayBufferView[]): string =>
  Buffer.concat(arrays.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength))).toString(
    'latin1',
  );
const given = (model: Pick<ExportedModel, 'model' | 'parameters' | 'biases'>, options = plain): Files =>
  valueOf(exportFolder({ ...model, provenance, tokenizer }, options, parameterSpecs)).files;

/** As a reader of another project sees a file: name, shape and the very bytes of each tensor. */
function seenByOthers(file: Uint8Array<ArrayBuffer>): unknown[] {
  const { tensors } = otherReader.parse(file);
  return Object.entries(tensors)
    .map(([name, { dtype, shape, data }]) => ({
      name,
      dtype,
      shape,
      bytes: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function drawn(model: ModelConfig): Pick<ExportedModel, 'model' | 'parameters' | 'biases'> {
  return {
    model,
    parameters: parameterSpecs(model).map((spec, index) => initialValues(spec, index, model, 7)),
    biases: biasSpecs(model).map(({ shape }, layer) =>
      Float32Array.from({ length: shape[0]! }, (_, expert) => (expert - layer) / 64),
    ),
  };
}

const small: ModelConfig = {
  ...PRESETS.default.model,
  hiddenSize: 16,
  headDim: 4,
  intermediateSize: 24,
  moeIntermediateSize: 8,
  nRoutedExperts: 4,
};

describe.each(['tiny-a', 'tiny-b'])('the reference model %s', (name) => {
  it('goes out byte for byte as it came in, as another reader sees both', async () => {
    const files = await fixtureFiles(name);
    const model = await taken(files);
    expect(model.nonFinite).toEqual([]);
    expect(model.storedAs).toEqual(['F32']);
    const out = given(model).get('model.safetensors')!;
    expect(seenByOthers(out)).toEqual(seenByOthers(files.get('model.safetensors')!));
  });

  it('has the same configuration afterwards, and nothing that the reference lacks is contradicted', async () => {
    const files = await fixtureFiles(name);
    const model = await taken(files);
    const out = given(model);
    expect((await taken(out)).model).toEqual(model.model);
    const json = (of: Files): Record<string, unknown> =>
      JSON.parse(new TextDecoder().decode(of.get('config.json'))) as Record<string, unknown>;
    const [ours, theirs] = [json(out), json(files)];
    for (const key of Object.keys(theirs).filter((key) => !key.endsWith('_token_id')))
      expect([key, ours[key]]).toEqual([key, theirs[key]]);
  });

  it('is the same from pieces with an index, and from a zip', async () => {
    const files = await fixtureFiles(name);
    const whole = await taken(files);
    const tensors = [...valueOf(readSafetensors(files.get('model.safetensors')!))];
    const shards = [0, 1, 2].map((shard) => ({
      name: `model-0000${shard + 1}-of-00003.safetensors`,
      tensors: new Map(tensors.filter((_, index) => index % 3 === shard)),
    }));
    const map = Object.fromEntries(shards.flatMap((shard) => [...shard.tensors.keys()].map((tensor) => [tensor, shard.name])));
    const pieces = new Map([
      ['config.json', files.get('config.json')!],
      ['model.safetensors.index.json', textBytes(JSON.stringify({ metadata: { total_size: 1 }, weight_map: map }))],
      ...shards.map((shard) => [shard.name, writeSafetensors(shard.tensors)] as const),
    ]);
    const fromPieces = await taken(pieces);
    expect(fromPieces).toEqual({ ...whole, shards: 3 });
    const zip = valueOf(await openZip(await packZip(pieces), 'model.zip'));
    expect(valueOf(await importFolder(zip, ROOMY))).toEqual(fromPieces);
  });

  it.each(['BF16', 'F16'] as const)('comes back from %s rounded once, its biases whole', async (dtype) => {
    const model = await taken(await fixtureFiles(name));
    const files = given(model, { dtype, isFolded: false });
    const back = await taken(files);
    const rounded = (values: Float32Array): Float32Array =>
      dtype === 'BF16' ? fromBfloat16(toBfloat16(values)) : fromFloat16(toFloat16(values));
    expect(bytesOf(back.parameters)).toBe(bytesOf(model.parameters.map(rounded)));
    expect(back.biases).toEqual(model.biases);
    const again = given(back, { dtype, isFolded: false });
    expect([...again.keys()]).toEqual([...files.keys()]);
    expect(bytesOf([...again.values()])).toBe(bytesOf([...files.values()]));
  });

  it('takes its scaling factor into the routed experts, and nothing else', async () => {
    const model = await taken(await fixtureFiles(name));
    const back = await taken(given(model, { dtype: 'F32', isFolded: true }));
    expect(back.model).toEqual({ ...model.model, routedScalingFactor: 1 });
    for (const [index, { name: parameter }] of parameterSpecs(model.model).entries()) {
      const factor = parameter.endsWith('.mlp.experts.down_proj.weight') ? model.model.routedScalingFactor : 1;
      expect(back.parameters[index]).toEqual(model.parameters[index]!.map((value) => value * factor));
    }
  });
});

it.each([
  ['dense layers only', { nRoutedExperts: 0, nSharedExperts: 0, numExpertsPerTok: 0, firstKDenseReplace: 0 }],
  ['no shared experts', { nSharedExperts: 0 }],
  ['grouped queries and groups of experts', { numKeyValueHeads: 2, nGroup: 2, topkGroup: 1 }],
] as const)('a model of ours with %s comes back as it was', async (_what, changes) => {
  const model = drawn({ ...small, ...changes });
  const files = given(model);
  const back = await taken(files);
  expect(back.parameters).toEqual(model.parameters);
  expect(back.biases).toEqual(model.biases);
  // A model without routed experts has as many dense layers as layers, however it said so.
  const { firstKDenseReplace: dense, ...rest } = model.model;
  expect(back.model).toEqual({ ...rest, firstKDenseReplace: rest.nRoutedExperts === 0 ? rest.numHiddenLayers : dense });
  const names = Object.keys(otherReader.parse(files.get('model.safetensors')!).tensors);
  expect(names.filter((name) => name.includes('shared_experts')).length).toBe(rest.nRoutedExperts === 0 ? 0 : 9);
});

it('names the tokenizer so that Hugging Face’s own reads and writes the same text', async () => {
  const files = given(drawn(small));
  const json = (name: string): object => JSON.parse(new TextDecoder().decode(files.get(name))) as object;
  const other = new OtherTokenizer(json('tokenizer.json'), json('tokenizer_config.json'));
  const ours = createDefaultTokenizer();
  for (const text of ['调车场的月亮，慢慢升起来了。', 'They’ll say it’s the wagon’s fault.', '  for (let i = 0;;) {}\n\n']) {
    const { ids } = other.encode(text);
    expect(ids).toEqual([...ours.encode(text)]);
    expect(other.decode(ids)).toBe(text);
  }
  expect(other.encode('<|endoftext|>').ids).toEqual([2047]);
  expect(json('generation_config.json')).toMatchObject({ eos_token_id: 2047, bos_token_id: 2047 });
  expect((await taken(files)).tokenizer).toEqual({ json: DEFAULT_TOKENIZER_JSON });
});

it('takes in a model without the text of a tokenizer that is longer than its tokens can make it, and never reads that', async () => {
  const files = inFolder(given(drawn(small)));
  let isRead = false;
  const read = () => {
    isRead = true;
    return Promise.reject(new Error('read'));
  };
  const folder = new Map([...files, ['tokenizer.json', { size: 32 * 2 ** 20, read }]]);
  expect(valueOf(await importFolder(folder, ROOMY)).tokenizer).toEqual({
    fault: `33554432 bytes for ${small.vocabSize} tokens; the limit is ${2 ** 18 + 256 * small.vocabSize}`,
  });
  expect(isRead).toBe(false);
});

it('writes the same bytes whenever it is asked', async () => {
  const [one, other] = [await packZip(given(drawn(small))), await packZip(given(drawn(small)))];
  expect(await one.arrayBuffer()).toEqual(await other.arrayBuffer());
});

it('reads an embedding that is the head as well, also where both are in the file, and refuses a tied head that differs', async () => {
  const model = drawn(small);
  const files = new Map(given(model));
  const tensors = new Map(valueOf(readSafetensors(files.get('model.safetensors')!)));
  const config = new TextDecoder()
    .decode(files.get('config.json'))
    .replace('"tie_word_embeddings": false', '"tie_word_embeddings": true');
  const tied = () =>
    new Map([...files, ['model.safetensors', writeSafetensors(tensors)], ['config.json', textBytes(config)]] as const);
  const refused = await importFolder(inFolder(tied()), ROOMY);
  expect(refused).toMatchObject({ error: { offence: 'tensor', file: 'model.safetensors' } });
  tensors.set('lm_head.weight', tensors.get('model.embed_tokens.weight')!);
  expect((await taken(tied())).parameters.at(-1)).toEqual(model.parameters[0]);
  tensors.delete('lm_head.weight');
  expect((await taken(tied())).parameters.at(-1)).toEqual(model.parameters[0]);
});

it('says which weights are no numbers, and takes them as they are', async () => {
  const model = drawn(small);
  model.parameters[3]!.set([NaN, 1, Infinity]);
  model.biases[1]!.set([-Infinity]);
  const result = valueOf(exportFolder({ ...model, provenance, tokenizer }, { dtype: 'F16', isFolded: false }, parameterSpecs));
  expect(result.nonFinite).toBe(3);
  const back = await taken(result.files);
  expect(back.nonFinite).toEqual([
    { name: parameterSpecs(small)[3]!.name, count: 2 },
    { name: biasSpecs(small)[1]!.name, count: 1 },
  ]);
});

it('does not write what the format cannot say: another attention, a lone expert, more tensors than a file names, a weight beyond the type', () => {
  const offence = (model: ReturnType<typeof drawn>, options = plain): unknown => {
    const result = exportFolder({ ...model, provenance, tokenizer }, options, parameterSpecs);
    return result.ok ? 'none' : result.error.offence;
  };
  expect(offence(drawn({ ...small, qkNorm: false }))).toBe('not-dots1');
  expect(offence(drawn({ ...small, nRoutedExperts: 1, numExpertsPerTok: 1 }))).toBe('not-dots1');
  expect(offence({ ...drawn(small), model: { ...small, nRoutedExperts: 8400 } })).toBe('too-large');
  const model = drawn(small);
  model.parameters[5]!.set([65_519]);
  expect(offence(model, { dtype: 'F16', isFolded: false })).toBe('none');
  model.parameters[5]!.set([-65_520]);
  expect(offence(model, { dtype: 'F16', isFolded: false })).toBe('overflow');
  expect(offence(model, { dtype: 'BF16', isFolded: false })).toBe('none');
});
