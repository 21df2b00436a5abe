import { expect, it } from 'vitest';
import { Questions } from './questions';

const idle = () => new Questions(() => false);

it('answers whoever asks as the last answer goes out, however many turns later', async () => {
  for (let turns = 0; turns < 12; turns++) {
    const questions = idle();
    await questions.ask(() => Promise.resolve(1));
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    expect(await questions.ask(() => Promise.resolve(turns))).toBe(turns);
  }
});

it('answers one after the other, and waits for a training loop where there is one', async () => {
  let busy = true;
  const questions = new Questions(() => busy);
  const order: number[] = [];
  const first = questions.ask(async () => {
    await Promise.resolve();
    order.push(1);
  });
  const second = questions.ask(() => Promise.resolve(order.push(2)));
  await Promise.resolve();
  expect(order).toEqual([]);
  await questions.answer();
  await Promise.all([first, second]);
  expect(order).toEqual([1, 2]);
  busy = false;
  await expect(questions.ask(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await questions.answer();
});
