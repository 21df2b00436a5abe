import { expect, test } from 'vitest';
import { createPace } from './pace';

/** A page whose clock and frames are moved by hand. */
function page() {
  let time = 0;
  const timers: { at: number; callback: () => void }[] = [];
  const frames: { began: () => void; drawn: () => void }[] = [];
  const told: string[] = [];
  const pace = createPace({
    now: () => time,
    frame: (began, drawn) => void frames.push({ began, drawn }),
    later: (callback, ms) => void timers.push({ at: time + ms, callback }),
  });
  /** Lets `ms` pass. */
  const pass = async (ms: number) => {
    const end = time + ms;
    for (;;) {
      timers.sort((a, b) => a.at - b.at);
      if (!timers[0] || timers[0].at > end) break;
      const due = timers.shift()!;
      time = Math.max(time, due.at);
      due.callback();
      await Promise.resolve();
    }
    time = end;
  };
  return {
    pace,
    told,
    frames,
    pass,
    /** Figures of `topic` come, showing which takes `costMs`. */
    come: (topic: string, costMs = 0) =>
      pace.draw(
        () => {
          time += costMs;
          told.push(topic);
        },
        () => told.push(`${topic} rested`),
      ),
    /** The next frame begins, and takes `costMs`. */
    drawFrame: (costMs = 0) => {
      const frame = frames.shift()!;
      frame.began();
      time += costMs;
      frame.drawn();
    },
  };
}

test('the topics of a step share a frame, and rest together', async () => {
  const { come, told, frames, pass, drawFrame } = page();
  come('steps', 1);
  come('batch', 1);
  expect(told).toEqual([]);
  await pass(20);
  expect(told).toEqual(['steps', 'batch']);
  expect(frames).toHaveLength(1);
  drawFrame(1);
  await pass(59);
  expect(told).toHaveLength(2);
  await pass(2);
  expect(told).toEqual(['steps', 'batch', 'steps rested', 'batch rested']);
});

test('a drawing is followed by a rest twenty times as long, but two drawings a second are never refused', async () => {
  for (const [costMs, restMs] of [
    [2, 40],
    [10, 200],
    [80, 450],
  ] as const) {
    const { come, told, pass, drawFrame } = page();
    come('steps', costMs / 2);
    await pass(20);
    drawFrame(costMs / 2);
    await pass(restMs - 1);
    expect(told, `${costMs} ms`).toEqual(['steps']);
    await pass(2);
    expect(told, `${costMs} ms`).toEqual(['steps', 'steps rested']);
  }
});

test('waiting for a frame is no cost', async () => {
  const { come, told, pass, drawFrame } = page();
  come('steps');
  await pass(200);
  drawFrame(1);
  await pass(21);
  expect(told).toEqual(['steps', 'steps rested']);
});

test('who is in a hurry waits neither for other topics nor for the end of a rest', async () => {
  const { pace, come, told, pass, drawFrame } = page();
  come('steps', 30);
  pace.hurry();
  expect(told).toEqual(['steps']);
  drawFrame(30);
  await pass(0);
  expect(told).toEqual(['steps', 'steps rested']);

  come('steps', 30);
  await pass(50);
  drawFrame(30);
  await pass(100);
  expect(told).toHaveLength(3);
  pace.hurry();
  expect(told).toHaveLength(4);
  await pass(1000);
  expect(told).toHaveLength(4);
});

test('what came for a page that has stopped is neither shown nor waited for', async () => {
  const { pace, come, told, frames, pass } = page();
  come('steps');
  pace.stop();
  await pass(1000);
  expect([told, frames]).toEqual([[], []]);
});

test('one that throws keeps no other from being shown', async () => {
  const { pace, come, told, pass, drawFrame } = page();
  pace.draw(
    () => {
      throw new Error('a listener failed');
    },
    () => told.push('failed rested'),
  );
  come('batch');
  await expect(pass(20)).rejects.toThrow('a listener failed');
  await pass(20);
  expect(told).toEqual(['batch']);
  drawFrame(1);
  await pass(30);
  expect(told).toEqual(['batch', 'failed rested', 'batch rested']);
});
