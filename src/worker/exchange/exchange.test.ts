// Models that leave by one command and come back by another, and compute what they computed.
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { exportFolder } from '../../checkpoint/exchange/exportFolder';
import { importFolder } from '../../checkpoint/exchange/importFolder';
import { decodeSnapshot } from '../../checkpoint/snapshot';
import { biasSpecs } from '../../checkpoint/runParts';
import type { ModelConfig } from '../../config/modelConfig';
import type { RunConfig } from '../../config/trainConfig';
import { DEFAULT_TOKENIZER_JSON } from '../../data/default/defaultTokenizer';
import { floatTensor, memory, read } from '../../kernels/tensor';
import { bindParameters, initialValues, parameterSpecs } from '../../model/parameters';
import { plainRouterInputs } from '../../model/routing';
import { forward } from '../../model/transformer';
import type { ExportRequest, NamedFile } from '../../protocol/exchange';
import type { ModelRef } from '../../protocol/modelRef';
import { fixtureFiles, inFolder, ROOMY, textBytes } from '../../testing/checkpointFolders';
import { booted, closePages, config, phaseOf, scalarsOf, sharedPlace, trained, until, type Page } from '../../testing/enginePage';
import { fixtureBatch, relativeError, valueOf } from '../../testing/fixtureModel';
import { MemoryStore } from '../../testing/memoryStore';
import { startTestBackend } from '../../testing/startTestBackend';
import { TOLERANCES } from '../../testing/tolerances';

const live: ModelRef = { kind: 'live' };
/** Trains on windows as long as those a model is measured on. */
const long: RunConfig = { ...config, train: { ...config.train, batchSize: 2, shards: 1, sequenceLength: 128 } };
const quiet: RunConfig = { ...config, train: { ...config.train, validationEvery: 0, sampleEvery: 0 } };
const wanted: ExportRequest = { model: live, dtype: 'F32', isFolded: false, asZip: true };

describe.each(['tiny-a', 'tiny-b'])('the reference model %s', (name) => {
  beforeAll(startTestBackend);

  it.each([false, true])(
    'computes the reference’s logits after it came in, went out (folded: %s) and came in',
    async (isFolded) => {
      const first = valueOf(await importFolder(inFolder(await fixtureFiles(name)), ROOMY));
      const provenance = { name, trained: null, build: 'test' };
      const out = valueOf(exportFolder({ ...first, provenance, tokenizer: null }, { dtype: 'F32', isFolded }, parameterSpecs));
      const { model, parameters, biases } = valueOf(await importFolder(inFolder(out.files), ROOMY));
      const { expected, ids, positions } = await fixtureBatch(name);
      const tensors = parameterSpecs(model).map(({ shape }, index) => floatTensor(parameters[index]!, [...shape]));
      const routers = plainRouterInputs(
        model,
        biases.map((bias) => floatTensor(bias, [1, bias.length])),
      );
      const { logits } = forward(ids, bindParameters(model, tensors), positions, routers, model);
      expect(relativeError(await read(logits), expected.get('logits')!.values)).toBeLessThan(TOLERANCES.values);
    },
  );
});

describe('behind the door', () => {
  afterEach(closePages);

  const exported = async ({ client }: Page, request: ExportRequest = wanted) =>
    valueOf(await client.request({ kind: 'exportModel', request }));
  const taken = async ({ client }: Page, files: readonly NamedFile[]) =>
    valueOf(await client.request({ kind: 'importModel', files }));
  const measured = async ({ client }: Page, model: ModelRef) => valueOf(await client.request({ kind: 'measureModel', model }));
  const written = async ({ client }: Page, model: ModelRef) => {
    const question = { model, text: 'the train', continuation: [], interventions: [] };
    const sampling = { tokens: 5, temperature: 0.8, topK: 0, topP: 1, repetitionPenalty: 1, seed: 4 };
    return valueOf(await client.request({ kind: 'generate', request: { ...question, ...sampling } })).text;
  };

  it('a run goes out in a zip and comes back: the same loss to the bit, the same text', async () => {
    const page = await booted();
    await trained(page, 3, long);
    const { files, step, nonFinite } = await exported(page);
    expect([step, nonFinite, files.length]).toEqual([3, 0, 1]);
    expect(files[0]!.name).toMatch(/^[a-z]+-[a-z]+-step-3\.zip$/);
    const model = await taken(page, files);
    expect(model.config).toEqual(config.model);
    expect(model).toMatchObject({ tokenizer: { kind: 'same' }, storedAs: ['F32'], shards: 1, nonFinite: [] });
    const imported: ModelRef = { kind: 'imported', id: model.id };
    const [there, here] = [await measured(page, live), await measured(page, imported)];
    expect(here.baselines).toEqual(there.baselines);
    expect(here.result.overall).toEqual(there.result.overall);
    expect(here.result.load).toEqual(there.result.load);
    expect(here.biases).toEqual(there.biases);
    expect([there.biases.length, there.biases.some((bias) => bias !== 0)]).toEqual([4, true]);
    expect(await written(page, imported)).toBe(await written(page, live));
  });

  it('what goes out chooses as the run does: without balancing by the bare scores', async () => {
    const page = await booted();
    await trained(page, 2, long);
    valueOf(await page.client.request({ kind: 'change', change: { balanceMode: 'none' } }));
    const { id } = await taken(page, (await exported(page)).files);
    const back = await measured(page, { kind: 'imported', id });
    expect(back.result.load).toEqual((await measured(page, live)).result.load);
  });

  it('gives the files one by one too, and takes them so, from any model', async () => {
    const page = await booted();
    await trained(page, 1);
    const { files } = await exported(page, { ...wanted, dtype: 'BF16', asZip: false });
    expect(files.map(({ name }) => name)).toEqual([
      'README.md',
      'config.json',
      'generation_config.json',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    const model = await taken(page, files);
    expect(model.storedAs).toEqual(['BF16', 'F32']);
    const again = await exported(page, { ...wanted, model: { kind: 'imported', id: model.id }, dtype: 'BF16', asZip: false });
    const bytes = async (from: readonly NamedFile[]) => from.find(({ name }) => name === 'model.safetensors')!.file.arrayBuffer();
    expect(await bytes(again.files)).toEqual(await bytes(files));
  });

  it('keeps the model it has when another one is refused, and lets it go for one that is taken', async () => {
    const page = await booted();
    await trained(page, 1);
    const { files } = await exported(page);
    const first = await taken(page, files);
    const bad = [{ name: 'config.json', file: new Blob([textBytes('{"model_type": "llama"}')]) }];
    const refused = await page.client.request({ kind: 'importModel', files: bad });
    expect(refused).toMatchObject({ ok: false, error: { code: 'checkpoint-unreadable' } });
    expect(!refused.ok && refused.error.fields?.map(({ field }) => field)).toContain('model_type');
    await written(page, { kind: 'imported', id: first.id });
    const before = memory().numBytes;
    const second = await taken(page, files);
    expect(memory().numBytes).toBeLessThan(before);
    await written(page, { kind: 'imported', id: second.id });
    expect(memory().numBytes).toBe(before);
    const gone = await page.client.request({ kind: 'measureModel', model: { kind: 'imported', id: first.id } });
    expect(gone).toMatchObject({ ok: false, error: { code: 'model-unavailable' } });
  });

  it.each([
    ['empty.zip', '', 'empty.zip: zip: it is empty'],
    ['notes.ZIP', 'plain text', 'notes.ZIP: zip: it is no zip'],
  ])('refuses what only its name, %s, makes a zip', async (name, text, detail) => {
    const page = await booted();
    const reply = await page.client.request({ kind: 'importModel', files: [{ name, file: new Blob([text]) }] });
    expect(reply).toMatchObject({ error: { code: 'checkpoint-unreadable', detail: expect.stringContaining(detail) as string } });
  });

  it('says what a model cannot be asked that came without a tokenizer', async () => {
    const page = await booted();
    const files = [...(await fixtureFiles('tiny-b'))].map(([name, bytes]) => ({ name, file: new Blob([bytes]) }));
    const model = await taken(page, files);
    expect(model).toMatchObject({ tokenizer: { kind: 'none' }, tensors: expect.any(Number) as number });
    const reply = await page.client.request({ kind: 'measureModel', model: { kind: 'imported', id: model.id } });
    expect(reply).toMatchObject({ ok: false, error: { code: 'model-unavailable' } });
  });

  it('measures a model whose tokenizer came back from another tool, which wrote it in its own way', async () => {
    const page = await booted();
    await trained(page, 1, long);
    const files = await Promise.all(
      (await exported(page, { ...wanted, asZip: false })).files.map(async ({ name, file }) =>
        name === 'tokenizer.json'
          ? { name, file: new Blob([JSON.stringify(JSON.parse(await file.text()), null, 2)]) }
          : { name, file },
      ),
    );
    const { id, tokenizer } = await taken(page, files);
    expect(tokenizer).toEqual({ kind: 'same' });
    const { result } = await measured(page, { kind: 'imported', id });
    expect(result.overall).toEqual((await measured(page, live)).result.overall);
  });

  it('asks a model beyond what a run of ours may be, as any other', async () => {
    const page = await booted();
    const drawn: ModelConfig = {
      ...config.model,
      hiddenSize: 8,
      numHiddenLayers: 1,
      firstKDenseReplace: 0,
      numAttentionHeads: 66,
      numKeyValueHeads: 66,
      headDim: 2,
      nRoutedExperts: 130,
      numExpertsPerTok: 3,
      nGroup: 65,
      topkGroup: 40,
      moeIntermediateSize: 2,
      ropeTheta: 1e9,
      rmsNormEps: 0,
      maxPositionEmbeddings: 16,
    };
    const model = { ...drawn, initializerRange: 0 };
    const parameters = parameterSpecs(drawn).map((spec, index) => initialValues(spec, index, drawn, 7));
    const biases = biasSpecs(drawn).map(({ shape }) => Float32Array.from({ length: shape[0]! }, (_, expert) => expert / 10));
    const provenance = { name: 'wide', trained: null, build: 'test' };
    const tokenizer = { json: DEFAULT_TOKENIZER_JSON, endOfDocument: 2047, endToken: '<|endoftext|>' };
    const out = exportFolder(
      { model, parameters, biases, provenance, tokenizer },
      { dtype: 'F32', isFolded: false },
      parameterSpecs,
    );
    const files = [...valueOf(out).files].map(([name, bytes]) => ({ name, file: new Blob([bytes]) }));
    const { id, config: back } = await taken(page, files);
    expect(back).toEqual(model);
    const imported: ModelRef = { kind: 'imported', id };
    const { overall, load } = (await measured(page, imported)).result;
    expect(overall.nats).toBeGreaterThan(0);
    expect([overall.nats, ...load].every(Number.isFinite)).toBe(true);
    expect((await written(page, imported)).length).toBeGreaterThan(0);
    const question = { model: imported, text: 'the train', continuation: [], interventions: [] };
    const { baseline } = valueOf(await page.client.request({ kind: 'trace', question, lens: true }));
    expect(baseline.chosen.every((expert) => expert >= 0 && expert < 130)).toBe(true);
    expect(Math.max(...baseline.chosen)).toBeGreaterThan(127);
  }, 180_000);

  it('refuses by its numbers what the format cannot say', async () => {
    const page = await booted();
    const unusual: RunConfig = { ...config, model: { ...config.model, qkNorm: false } };
    await trained(page, 1, unusual);
    const reply = await page.client.request({ kind: 'exportModel', request: wanted });
    expect(reply).toMatchObject({ ok: false, error: { code: 'checkpoint-unwritable' } });
  });

  it('gives out an earlier moment as it was kept, and not the run as it is now', async () => {
    const store = new MemoryStore();
    const page = await booted(null, { place: sharedPlace(store)() });
    const { runId } = await trained(page, 2, quiet);
    expect(valueOf(await page.client.request({ kind: 'takeSnapshot' }))).toBeNull();
    valueOf(await page.client.request({ kind: 'step', count: 1 }));
    await until(() => phaseOf(page)?.phase === 'paused' && scalarsOf(page).at(-1)?.step === 3);
    const weightsOf = async (model: ModelRef, step: number) => {
      const given = await exported(page, { ...wanted, model, asZip: false });
      expect(given.step).toBe(step);
      const files = await Promise.all(
        given.files.map(async ({ name, file }) => [name, new Uint8Array(await file.arrayBuffer())] as const),
      );
      return valueOf(await importFolder(inFolder(new Map(files)), ROOMY));
    };
    const moment: ModelRef = { kind: 'checkpoint', runId, step: 2 };
    const [then, now] = [await weightsOf(moment, 2), await weightsOf(live, 3)];
    const kept = valueOf(decodeSnapshot(store.blobs.get(`${runId}.snapshot.2`)!, parameterSpecs));
    expect(then.parameters).toEqual(kept.parameters);
    expect(then.biases).toEqual(kept.biases);
    for (const [index, values] of then.parameters.entries()) expect(now.parameters[index]).not.toEqual(values);
    expect((await exported(page, { ...wanted, model: moment })).files[0]!.name).toMatch(/-step-2\.zip$/);
  });

  it('what is measured is of one step, while the run goes on and another model is looked at', async () => {
    const page = await booted(null, { place: sharedPlace(new MemoryStore())() });
    const { runId } = await trained(page, 2, { ...long, train: { ...long.train, validationEvery: 0, sampleEvery: 0 } });
    valueOf(await page.client.request({ kind: 'takeSnapshot' }));
    const alone = await measured(page, live);
    let isUnderWay = (): void => undefined;
    const begun = new Promise<void>((resolve) => (isUnderWay = resolve));
    const reply = page.client.request({ kind: 'measureModel', model: live }, { onProgress: () => isUnderWay() });
    await begun;
    valueOf(await page.client.request({ kind: 'step', count: 2 }));
    await until(() => phaseOf(page)?.phase === 'paused' && scalarsOf(page).at(-1)?.step === 4);
    await written(page, live);
    expect(valueOf(await reply)).toEqual(alone);
    // A moment gives way to another that is looked at.
    const moment: ModelRef = { kind: 'checkpoint', runId, step: 2 };
    const momentAlone = await measured(page, moment);
    let isRead = (): void => undefined;
    const passed = new Promise<void>((resolve) => (isRead = resolve));
    const ofMoment = page.client.request({ kind: 'measureModel', model: moment }, { onProgress: () => isRead() });
    await passed;
    await written(page, { kind: 'checkpoint', runId, step: 0 });
    expect(valueOf(await ofMoment)).toEqual(momentAlone);
  });

  it('has nothing to give out before there is a run', async () => {
    const page = await booted();
    expect(await page.client.request({ kind: 'exportModel', request: wanted })).toMatchObject({ error: { code: 'no-run' } });
  });
});
