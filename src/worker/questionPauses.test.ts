// Questions in the middle of a step: answered by the weights of the last finished one, and the training never knows.
import { beforeAll, expect, it } from 'vitest';
import { tracePrompt } from '../inference/promptTrace';
import { memory, read } from '../kernels/tensor';
import { config } from '../testing/enginePage';
import { startTestBackend } from '../testing/startTestBackend';
import type { Pauses } from '../training/pauses';
import { Trainer } from '../training/trainer';
import { questionPauses } from './questionPauses';
import { Questions } from './questions';

beforeAll(startTestBackend);

const STEPS = 2;
const { batchSize, sequenceLength } = config.train;
const text = {
  batch: (step: number) => ({
    ids: new Int32Array(batchSize * (sequenceLength + 1)).map((_, index) => (index * 7 + 3 * step) % 60),
    epoch: 0,
  }),
};
const prompt = Int32Array.from([0, 5, 9, 14, 3]);
const mute = [{ kind: 'mute', experts: [1], mode: 'zero', layers: null, tokens: null }] as const;

/** Losses and weights after some steps, and what was asked on the way. */
async function trained(pausesOf: (trainer: () => Trainer) => Pauses | undefined) {
  const trainer: Trainer = new Trainer(config, text, { pauses: pausesOf(() => trainer) });
  const losses: number[] = [];
  /** Surprise of the prompt by the weights after each step, the beginning included. */
  const between = [await surprise(trainer)];
  for await (const event of trainer.events()) {
    if (event.kind !== 'step') continue;
    losses.push(event.report.loss);
    between.push(await surprise(trainer));
    if (losses.length === STEPS) break;
  }
  const weights = await Promise.all([...trainer.optimizer.values, ...trainer.balancer.values].map(read));
  const alive = memory().numTensors;
  trainer.dispose();
  return { losses, between, weights, alive };
}

async function surprise(trainer: Trainer): Promise<number[]> {
  const { traces } = await tracePrompt(trainer.model, prompt, [[], mute], { lens: true });
  return traces.flatMap((trace) => [...trace.surprise.slice(1)]);
}

it('are about the weights of the last finished step, and change no bit of the training and leave nothing behind', async () => {
  const undisturbed = await trained(() => undefined);
  const asked: { step: number; surprise: number[] }[] = [];
  const questions = new Questions(() => true);
  let time = 0;
  let pauses = 0;
  const disturbed = await trained((trainer) => {
    // A clock that has always moved on by more than a stretch.
    const often = questionPauses(questions, { clock: () => (time += 1000), breathe: () => Promise.resolve() });
    return {
      ...often,
      pause: () => {
        const ask = async () => void asked.push({ step: trainer().step, surprise: await surprise(trainer()) });
        if (pauses++ % 9 === 0) void questions.ask(ask);
        return often.pause();
      },
    };
  });
  expect(asked.length).toBeGreaterThan(STEPS * config.train.shards);
  for (const { step, surprise: told } of asked) expect(told).toEqual(undisturbed.between[step]);
  expect(disturbed).toEqual(undisturbed);
});

it('wait where a stretch of the step is not over, and come at once where it waits for others', async () => {
  const questions = new Questions(() => true);
  let now = 0;
  const pauses = questionPauses(questions, { clock: () => now, breathe: () => Promise.resolve() });
  expect(pauses.pause()).toBeNull();
  now = 8;
  expect(await pauses.pause()).toBe(false);
  expect(pauses.pause()).toBeNull();
  const order: string[] = [];
  const say = (word: string) => () => Promise.resolve(void order.push(word));
  const row = questions.ask(say('patient'), 'patient');
  const first = questions.ask(say('soon'));
  now = 16;
  expect(await pauses.pause()).toBe(true);
  expect(order).toEqual(['soon']);
  let come = (_value: string): void => undefined;
  const event = new Promise<string>((resolve) => (come = resolve));
  const waited = pauses.during(event);
  await Promise.all([row, first, questions.ask(say('meanwhile'))]);
  const slow = questions.ask(async () => {
    come('shard');
    await new Promise((resolve) => setTimeout(resolve, 20));
    order.push('slow');
  });
  expect(await waited).toBe('shard');
  expect(order).toEqual(['soon', 'patient', 'meanwhile', 'slow']);
  await slow;
  void questions.ask(say('late'));
  await Promise.resolve();
  expect(order).not.toContain('late');
});
