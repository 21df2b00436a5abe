// How much work a step hands to a GPU: a dispatch costs the same however little it does. The ceilings are what was last measured
// (asked for: 30 a layer + 20, here 140); a change may lower them, none may raise them.
import { beforeAll, describe, expect, it } from 'vitest';
import { PRESETS } from '../config/presets';
import type { ModelConfig } from '../config/modelConfig';
import { testBackend } from '../testing/backend';
import { startTestBackend } from '../testing/startTestBackend';
import { Trainer } from './trainer';

const { model, train } = PRESETS.default;
const noExperts: Partial<ModelConfig> = { nRoutedExperts: 0, nSharedExperts: 0, numExpertsPerTok: 0, firstKDenseReplace: 0 };

/** Dispatches of each of the first `count` steps of one shard. */
async function dispatchesOf(change: Partial<ModelConfig>, balanceMode: 'none' | 'sign', count: number): Promise<number[]> {
  const config = {
    ...PRESETS.default,
    model: { ...model, ...change },
    train: { ...train, balanceMode, batchSize: 2, sequenceLength: 32, shards: 1, sequenceLossWeight: 0 },
  };
  const ids = new Int32Array(2 * 33).map((_, index) => index % 60);
  const trainer = new Trainer(config, { batch: () => ({ ids, epoch: 0 }) });
  const pass = GPUComputePassEncoder.prototype;
  const { dispatchWorkgroups } = pass;
  const counts: number[] = [];
  let here = 0;
  pass.dispatchWorkgroups = function (...size) {
    here++;
    return dispatchWorkgroups.apply(this, size);
  };
  try {
    for await (const event of trainer.events()) {
      if (event.kind !== 'step') continue;
      counts.push(here);
      here = 0;
      if (counts.length === count) break;
    }
  } finally {
    pass.dispatchWorkgroups = dispatchWorkgroups;
    trainer.dispose();
  }
  return counts;
}

describe.runIf(testBackend() === 'webgpu')('dispatches of a step', () => {
  beforeAll(startTestBackend);

  it('are no more than they were for the dense model, and the same in every step', async () => {
    const [first, ...others] = await dispatchesOf(noExperts, 'none', 3);
    expect(first).toBeLessThanOrEqual(90);
    expect(others).toEqual([first, first]);
  });

  it('are no more than they were for the default preset, and the same in every step', async () => {
    const [first, ...others] = await dispatchesOf({}, 'sign', 3);
    expect(first).toBeLessThanOrEqual(136);
    expect(others).toEqual([first, first]);
  });
});
