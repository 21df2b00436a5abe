// What a prepared engine does not have to compile any more.
import { afterEach, describe, expect, it } from 'vitest';
import { valueOf } from '../testing/fixtureModel';
import type { Progress } from '../protocol/commands';
import { testBackend } from '../testing/backend';
import { booted, closePages, config, scalarsOf, trained } from '../testing/enginePage';

afterEach(closePages);

/** Names of the pipelines that were compiled while somebody waited, during `f`. */
async function compiledMeanwhile(f: () => Promise<unknown>): Promise<string[]> {
  const device = GPUDevice.prototype;
  const { createComputePipeline } = device;
  const labels: string[] = [];
  device.createComputePipeline = function (descriptor) {
    labels.push(descriptor.label ?? '');
    return createComputePipeline.call(this, descriptor);
  };
  try {
    await f();
  } finally {
    device.createComputePipeline = createComputePipeline;
  }
  return labels;
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

  it('gives up a run at once while its programs compile, and goes on with them for the next', async () => {
    const opened = await booted();
    const controller = new AbortController();
    const onProgress = ({ stage }: Progress): void => void (stage === 'compiling' && controller.abort());
    const given = await opened.client.request({ kind: 'createRun', config: quiet }, { signal: controller.signal, onProgress });
    expect(!given.ok && given.error.code).toBe('cancelled');
    expect(await compiledMeanwhile(() => trained(opened, 1, quiet))).toEqual([]);
  });
});
