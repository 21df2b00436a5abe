// What can go wrong around a run: two requests at once, cancelling, restarting, a lost device, a model that is too large.
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import type { RunConfig } from '../config/trainConfig';
import { memory } from '../kernels/tensor';
import type { ClientOptions } from '../protocol/channel';
import { testBackend } from '../testing/backend';
import { BACKEND, booted, closePages, config, phaseOf, scalarsOf, trained, until } from '../testing/enginePage';
import { valueOf } from '../testing/fixtureModel';

afterEach(closePages);

const quiet: RunConfig = { ...config, train: { ...config.train, validationEvery: 0, sampleEvery: 0 } };
const createRun = { kind: 'createRun', config: quiet } as const;

describe('the session', () => {
  it('makes the newest of two runs asked for at once, and frees every run it ends', async () => {
    const opened = await booted();
    await trained(opened, 1, quiet);
    const { numTensors } = memory();
    const [first, second] = await Promise.all([opened.client.request(createRun), opened.client.request(createRun)]);
    expect(!first.ok && first.error.code).toBe('cancelled');
    expect(second.ok).toBe(true);
    await trained(opened, 1, quiet);
    expect(memory().numTensors).toBe(numTensors);
  });

  it('answers a cancelled request at once, and whoever else waits for the text still gets it', async () => {
    let deliver = (): void => undefined;
    const gate = new Promise<void>((resolve) => (deliver = resolve));
    const opened = await booted(null, { beforeAsset: () => gate });
    const cancelling = new AbortController();
    const run = opened.client.request(createRun, { signal: cancelling.signal });
    const corpus = opened.client.request({ kind: 'corpus' });
    cancelling.abort();
    const cancelled = await run;
    expect(!cancelled.ok && cancelled.error.code).toBe('cancelled');
    await until(() => phaseOf(opened)?.phase === 'none');
    deliver();
    expect((await corpus).ok).toBe(true);
    await trained(opened, 1, quiet);
  });

  it('a load that everybody cancelled begins anew when it is asked for', async () => {
    const signals: AbortSignal[] = [];
    const opened = await booted(null, {
      beforeAsset: (signal) =>
        new Promise((resolve) => {
          signals.push(signal!);
          // The two files of the first load never come.
          if (signals.length > 2) resolve();
          signal!.addEventListener('abort', () => resolve());
        }),
    });
    const cancelling = new AbortController();
    const first = opened.client.request({ kind: 'corpus' }, { signal: cancelling.signal });
    await until(() => signals.length === 2);
    cancelling.abort();
    const reply = await first;
    expect(!reply.ok && reply.error.code).toBe('cancelled');
    expect((await opened.client.request({ kind: 'corpus' })).ok).toBe(true);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, false, false]);
  });

  it('ends a training run when the engine starts anew, and frees it', async () => {
    const opened = await booted();
    const { numTensors } = memory();
    valueOf(await opened.client.request(createRun));
    valueOf(await opened.client.request({ kind: 'play' }));
    await until(() => scalarsOf(opened).length > 0);
    valueOf(await opened.client.request({ kind: 'boot', backend: BACKEND }));
    await until(() => phaseOf(opened)?.phase === 'none');
    expect(memory().numTensors).toBeLessThanOrEqual(numTensors);
    const play = await opened.client.request({ kind: 'play' });
    expect(!play.ok && play.error.code).toBe('no-run');
    await trained(opened, 1, quiet);
  });

  it('pauses on a whole step: what is changed then holds from the next one', async () => {
    const opened = await booted();
    const shards = 4;
    valueOf(await opened.client.request({ kind: 'createRun', config: { ...quiet, train: { ...quiet.train, shards } } }));
    valueOf(await opened.client.request({ kind: 'play' }));
    // It is told before the first shard: the pause comes between two of them.
    await until(() => phaseOf(opened)?.phase === 'training');
    valueOf(await opened.client.request({ kind: 'pause' }));
    await until(() => phaseOf(opened)?.phase === 'paused');
    const log = valueOf(await opened.client.request({ kind: 'runLog' }));
    expect(log.steps).toBe(1);
    const { step } = valueOf(await opened.client.request({ kind: 'change', change: { learningRate: 1e-4 } }));
    expect(step).toBe(log.steps);
  });

  it('never tells the steps of an ended run as those of the next, however late the page is', async () => {
    const held: (() => void)[] = [];
    let isLate = true;
    const draw: ClientOptions['draw'] = (_, show, drawn) => {
      show();
      if (isLate) held.push(drawn);
      else drawn();
    };
    const opened = await booted(null, { draw });
    const make = async (steps: number) => {
      const { runId } = valueOf(await opened.client.request(createRun));
      valueOf(await opened.client.request({ kind: 'step', count: steps }));
      const finished = async () => valueOf(await opened.client.request({ kind: 'runLog' })).steps;
      while ((await finished()) < steps) await new Promise((resolve) => setTimeout(resolve, 5));
      return runId;
    };
    await make(3);
    const second = await make(2);
    isLate = false;
    for (const callback of held) callback();
    const mine = () => opened.news.steps.filter(({ runId }) => runId === second).flatMap(({ scalars }) => [...scalars]);
    await until(() => mine().some(({ step }) => step === 2));
    expect(mine().map(({ step }) => step)).toEqual([1, 2]);
  });

  it('refuses a model that cannot fit before anything is allocated, with the numbers', async () => {
    const opened = await booted();
    await trained(opened, 1, quiet);
    const { numTensors } = memory();
    const model = { ...config.model, hiddenSize: 2048, nRoutedExperts: 128, moeIntermediateSize: 4096, numHiddenLayers: 8 };
    const reply = await opened.client.request({ kind: 'createRun', config: { ...quiet, model } });
    expect(!reply.ok && reply.error.code).toBe('out-of-memory');
    expect(!reply.ok && reply.error.detail).toMatch(/^[\d.]+ GiB > [\d.]+ GiB/);
    expect(memory().numTensors).toBe(numTensors);
    valueOf(await opened.client.request({ kind: 'step', count: 1 }));
  });

  it('refuses a change outside the limits of its field, and goes on', async () => {
    const opened = await booted();
    await trained(opened, 1, quiet);
    const reply = await opened.client.request({ kind: 'change', change: { learningRate: -1 } });
    expect(!reply.ok && reply.error.fields?.map(({ field }) => field)).toEqual(['train.learningRate']);
    expect(valueOf(await opened.client.request({ kind: 'runLog' })).changes).toEqual([]);
  });

  it('stops a sample that is cancelled or whose run ends', async () => {
    const opened = await booted();
    await trained(opened, 1, quiet);
    const request = { model: { kind: 'live' } as const, prompt: 'a', tokens: 100_000, temperature: 1, seed: 1 };
    const cancelling = new AbortController();
    const cancelled = opened.client.request({ kind: 'sample', request }, { signal: cancelling.signal });
    cancelling.abort();
    const reply = await cancelled;
    expect(reply.ok || reply.error.code).toBe('cancelled');
    const ended = opened.client.request({ kind: 'sample', request });
    valueOf(await opened.client.request(createRun));
    const late = await ended;
    expect(late.ok || late.error.code).toBe('no-run');
  });
});

describe.runIf(testBackend() === 'webgpu')('a lost device', () => {
  const loseDevice = () => (tf.backend() as unknown as { device: GPUDevice }).device.destroy();

  it.each(['training', 'idle'])('fails the %s run by name, and a new run begins on a new device', async (state) => {
    const opened = await booted();
    await trained(opened, 1, quiet);
    if (state === 'training') valueOf(await opened.client.request({ kind: 'play' }));
    loseDevice();
    await until(() => phaseOf(opened)?.phase === 'failed');
    expect(phaseOf(opened)).toMatchObject({ phase: 'failed', error: { code: 'device-lost' } });
    const play = await opened.client.request({ kind: 'play' });
    expect(!play.ok && play.error.code).toBe('device-lost');
    await trained(opened, 1, quiet);
  });

  it('an engine started anew trains again', async () => {
    const opened = await booted();
    await trained(opened, 1, quiet);
    loseDevice();
    await until(() => phaseOf(opened)?.phase === 'failed');
    valueOf(await opened.client.request({ kind: 'boot', backend: BACKEND }));
    await trained(opened, 1, quiet);
  });
});
