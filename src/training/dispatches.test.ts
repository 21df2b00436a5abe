// How much work a step hands to a GPU: a dispatch costs the same however little it does. The ceilings are what was last measured
// (asked for: 30 a layer + 20, here 140); a change may lower them, none may raise them. Shards are as a page would have them: left open.
import { beforeAll, describe, expect, it } from 'vitest';
import { PRESETS } from '../config/presets';
import type { ModelConfig } from '../config/modelConfig';
import type { TrainConfig } from '../config/trainConfig';
import { testBackend } from '../testing/backend';
import { startTestBackend } from '../testing/startTestBackend';
import { Trainer } from './trainer';

const { model, train } = PRESETS.default;
const noExperts: Partial<ModelConfig> = { nRoutedExperts: 0, nSharedExperts: 0, numExpertsPerTok: 0, firstKDenseReplace: 0 };

/** Dispatches of each of the first `count` steps; short sequences, which take as many. */
async function dispatchesOf(
  modelChange: Partial<ModelConfig>,
  trainChange: Partial<TrainConfig>,
  count: number,
): Promise<number[]> {
  const config = {
    ...PRESETS.default,
    model: { ...model, ...modelChange },
    train: { ...train, batchSize: 2, sequenceLength: 32, ...trainChange },
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
    const [first, ...others] = await dispatchesOf(noExperts, { balanceMode: 'none' }, 3);
    expect(first).toBeLessThanOrEqual(90);
    expect(others).toEqual([first, first]);
  });

  it('are no more than they were for the default preset with its sequence-wise loss, and the same in every step', async () => {
    const [first, ...others] = await dispatchesOf({}, {}, 3);
    expect(first).toBeLessThanOrEqual(138);
    expect(others).toEqual([first, first]);
  });
});
