// A run may last for days: after its first steps it must need no more memory than before.
import { beforeAll, expect, it } from 'vitest';
import { PRESETS } from '../config/presets';
import { memoryHeld, type MemoryHeld } from '../kernels/memoryLimits';
import { testBackend } from '../testing/backend';
import { startTestBackend } from '../testing/startTestBackend';
import { Trainer } from './trainer';

beforeAll(startTestBackend);

const STEPS = { cpu: 200, wasm: 5000, webgpu: 200 };
/** From here on everything a step needs has been asked for once. */
const SETTLED = 50;
/** What a collection leaves of the heap of Node swings by this much (records of the test itself included). */
const HEAP_SLACK = 2 ** 20;

const { model, train } = PRESETS.default;
const config = {
  ...PRESETS.default,
  model: {
    ...model,
    vocabSize: 60,
    hiddenSize: 16,
    intermediateSize: 24,
    moeIntermediateSize: 8,
    numHiddenLayers: 2,
    numAttentionHeads: 2,
    numKeyValueHeads: 1,
    headDim: 8,
    nRoutedExperts: 6,
    numExpertsPerTok: 2,
  },
  train: { ...train, batchSize: 2, sequenceLength: 8, shards: 2 },
};

/** Bytes of the JavaScript heap that are still reachable; null where nobody tells. */
async function heapInUse(): Promise<number | null> {
  if (testBackend() === 'webgpu') return null;
  const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([import('node:v8'), import('node:vm')]);
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

it('keeps no more after thousands of steps than after fifty', { timeout: 300_000 }, async () => {
  const steps = STEPS[testBackend()];
  const batch = (step: number) => ({ ids: new Int32Array(18).map((_, index) => (index * 7 + step) % 60), epoch: 0 });
  const trainer = new Trainer(config, { batch });
  let before: MemoryHeld | null = null;
  let heapBefore: number | null = null;
  for await (const event of trainer.events()) {
    if (event.kind !== 'step') continue;
    if (event.step === SETTLED) {
      heapBefore = await heapInUse();
      before = memoryHeld();
    }
    if (event.step === steps) break;
  }
  const heapAfter = await heapInUse();
  expect(memoryHeld()).toEqual(before);
  if (heapBefore !== null && heapAfter !== null) expect(heapAfter - heapBefore).toBeLessThan(HEAP_SLACK);
  trainer.dispose();
});
