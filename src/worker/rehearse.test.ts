// What a prepared engine does not have to compile any more.
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Intervention } from '../config/intervention';
import { memory } from '../kernels/tensor';
import { valueOf } from '../testing/fixtureModel';
import type { Progress } from '../protocol/commands';
import { testBackend } from '../testing/backend';
import { booted, closePages, config, scalarsOf, trained, until, type Page } from '../testing/enginePage';
import { startTestBackend } from '../testing/startTestBackend';
import { compileQuestions, rehearse } from './rehearse';

afterEach(closePages);

/** Names of the pipelines that were compiled during `f`: while the device stood still for them, and beside it. */
async function compilations(f: () => Promise<unknown>): Promise<{ waited: string[]; beside: string[] }> {
  const device = GPUDevice.prototype;
  const { createComputePipeline, createComputePipelineAsync } = device;
  const [waited, beside]: [string[], string[]] = [[], []];
  device.createComputePipeline = function (descriptor) {
    waited.push(descriptor.label ?? '');
    return createComputePipeline.call(this, descriptor);
  };
  device.createComputePipelineAsync = function (descriptor) {
    beside.push(descriptor.label ?? '');
    return createComputePipelineAsync.call(this, descriptor);
  };
  try {
    await f();
  } finally {
    Object.assign(device, { createComputePipeline, createComputePipelineAsync });
  }
  return { waited, beside };
}

const compiledMeanwhile = async (f: () => Promise<unknown>): Promise<string[]> => (await compilations(f)).waited;

/** A run of two steps that measures held-out text and writes a sample, and every question of the lab to it. */
async function trainedAndAsked(opened: Page, interventions: readonly Intervention[]): Promise<void> {
  await trained(opened, 2, config);
  await until(() => opened.news.samples.flat().length > 0 && opened.news.validation.flat().length > 0);
  const { client } = opened;
  const question = { model: { kind: 'live' as const }, text: 'the train', continuation: [], interventions };
  valueOf(await client.request({ kind: 'trace', question, lens: true }));
  valueOf(await client.request({ kind: 'attention', question, layer: 1 }));
  const written = { ...question, tokens: 3, temperature: 0.8, seed: 1, topK: 0, topP: 1, repetitionPenalty: 1 };
  valueOf(await client.request({ kind: 'generate', request: written }));
}

describe.runIf(testBackend() === 'webgpu')('a prepared engine', () => {
  const quiet = { ...config, train: { ...config.train, validationEvery: 0, sampleEvery: 0 } };

  it('compiles no program in the first steps of its run, having told how far it was', async () => {
    const opened = await booted();
    const told: Progress[] = [];
    const warmed = await compiledMeanwhile(async () =>
      valueOf(
        await opened.client.request({ kind: 'warmUp', config: quiet }, { onProgress: (progress) => void told.push(progress) }),
      ),
    );
    expect(warmed).toEqual([]);
    const [{ total }] = told as [Progress];
    expect(total).toBeGreaterThan(20);
    expect(told).toEqual(Array.from({ length: total + 1 }, (_, done) => ({ stage: 'compiling', done, total })));
    expect(await compiledMeanwhile(() => trained(opened, 2, quiet))).toEqual([]);
    expect(scalarsOf(opened)).toHaveLength(2);
  });

  it('has compiled what is asked of a model, too: held-out text, samples, traces, texts and maps of attention', async () => {
    const opened = await booted();
    valueOf(await opened.client.request({ kind: 'warmUp', config }));
    await compileQuestions(config, new AbortController().signal);
    expect(await compilations(() => trainedAndAsked(opened, []))).toEqual({ waited: [], beside: [] });
  });

  it('lets the device stand still for no program of a question that comes unprepared', async () => {
    const muted: Intervention = { kind: 'mute', layers: null, tokens: null, experts: [1], mode: 'reroute' };
    const opened = await booted();
    const { waited, beside } = await compilations(() => trainedAndAsked(opened, [muted]));
    expect(waited).toEqual([]);
    expect(beside.length).toBeGreaterThan(30);
  });

  it('gives up a run at once while its programs compile, and goes on with them for the next', async () => {
    const opened = await booted();
    const controller = new AbortController();
    const onProgress = ({ stage }: Progress): void => void (stage === 'compiling' && controller.abort());
    const given = await opened.client.request({ kind: 'createRun', config: quiet }, { signal: controller.signal, onProgress });
    expect(!given.ok && given.error.code).toBe('cancelled');
    expect(await compiledMeanwhile(() => trained(opened, 1, quiet))).toEqual([]);
  });
});

describe.runIf(testBackend() === 'wasm')('a rehearsal', () => {
  beforeAll(startTestBackend);

  it('leaves nothing behind, and ends before its shard does when nobody wants it any more', async () => {
    const before = memory().numTensors;
    let breaths = 0;
    const wanted = new AbortController();
    const breathe = () => {
      breaths++;
      return Promise.resolve();
    };
    await rehearse(config, { signal: wanted.signal, breathe });
    const whole = breaths;
    const given = () => {
      if (breaths === whole + 3) wanted.abort();
      return breathe();
    };
    await expect(rehearse(config, { signal: wanted.signal, breathe: given })).rejects.toMatchObject({ name: 'AbortError' });
    expect(breaths - whole).toBe(4);
    expect(whole).toBeGreaterThan(8);
    expect(memory().numTensors).toBe(before);
  });
});
