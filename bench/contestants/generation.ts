// Text token by token as a contestant: each step fills the context of the run from a short prompt.
import { rngFor } from '../../src/core/rng';
import { generate } from '../../src/inference/generate';
import { startBackend } from '../../src/kernels/backends';
import { memory } from '../../src/kernels/tensor';
import { Trainer } from '../../src/training/trainer';
import { syntheticText } from '../workloads';
import { PROMPT_TOKENS } from './generationSizes';
import type { Contestant, ContestantSpec, StepTime } from './contestant';

const WARM_TEXTS = 4;

/** `time(n)` writes n texts and tells the time of each token, in order, `timedTokens` a text. */
export function createGeneration({ run, backend }: ContestantSpec, wasmPath: string | undefined): Contestant {
  const { model, train } = run;
  const contextLength = train.sequenceLength;
  const prompt = [...syntheticText(run).batch(0).ids.subarray(0, PROMPT_TOKENS)];
  let trainer: Trainer;

  const write = async (seed: number): Promise<number[]> => {
    // No id is −1: nothing stops the text before the context is full.
    const settings = { tokens: contextLength - PROMPT_TOKENS, temperature: 1, stopAt: -1, contextLength };
    const times: number[] = [];
    let before = performance.now();
    for await (const id of generate(() => trainer.model, prompt, settings, rngFor(seed, 'sample'))) {
      if (id < 0 || id >= model.vocabSize) throw new Error(`token ${id} of a vocabulary of ${model.vocabSize}`);
      const now = performance.now();
      times.push(now - before);
      before = now;
    }
    return times;
  };

  return {
    async start() {
      const started = await startBackend(backend === 'webgl' ? 'auto' : backend, { wasmPath });
      if (!started.ok || started.value.backend !== backend) throw new Error(`no ${backend}: ${JSON.stringify(started)}`);
      trainer = new Trainer(run, syntheticText(run));
      const [firstStepMs] = await write(0);
      for (let done = 1; done < WARM_TEXTS; done++) await write(done);
      return { losses: [], firstStepMs: firstStepMs! };
    },
    async time(steps) {
      const times: StepTime[] = [];
      for (let text = 0; text < steps; text++) {
        for (const ms of (await write(text)).slice(1)) times.push({ step: ms, passes: ms, parts: null });
      }
      return { times, tensors: memory().numTensors };
    },
  };
}
