import { expect, test } from 'vitest';
import type { ContestantSpec } from './contestants/contestant';
import type { Host } from './hosts/nodeHost';
import { guardFaults } from './main';
import { measureGeneration, measureRow } from './measure';
import { markdown } from './report';
import { ROWS } from './rows';

const row = ROWS.find(({ id }) => id === 'dense')!;

interface Told {
  readonly ms: (spec: ContestantSpec, round: number) => number;
  readonly losses?: (spec: ContestantSpec) => number[];
  readonly tensors?: (round: number) => number;
}

/** A host whose contestants take as long as they are told, and the turns they took. */
function fakeHost({ ms, losses = () => [1, 2, 3, 4, 5], tensors = () => 7 }: Told) {
  const turns: string[] = [];
  let alive = 0;
  const host: Host = (spec) => {
    let round = 0;
    alive++;
    return Promise.resolve({
      start: () => Promise.resolve({ losses: losses(spec), firstStepMs: 1 }),
      time: async (steps) => {
        turns.push(spec.kind);
        const step = ms(spec, round++);
        return {
          times: Array.from({ length: steps }, () => ({
            step,
            passes: step / 2,
            parts: { forward: step / 5, backward: step / 4, optimizer: step / 10 },
          })),
          tensors: tensors(round),
        };
      },
      close: () => void alive--,
    });
  };
  return { host, turns, open: () => alive };
}

test('contestants take turns and are ended; the ratio is the median of each round’s own', async () => {
  // The machine slows down ten times in the second round: the ratio does not notice.
  const { host, turns, open } = fakeHost({ ms: ({ kind }, round) => (kind === 'ours' ? 10 : 30) * (round === 1 ? 10 : 1) });
  const result = await measureRow(row, host, { rounds: 3, steps: 2 });
  expect(turns).toEqual(['ours', 'jax', 'jax', 'ours', 'ours', 'jax']);
  expect(open()).toBe(0);
  expect(result).toMatchObject({ ratio: 3, ratioRange: [3, 3], reached: true, lossGap: 0, faults: [], rounds: 3 });
  expect(result.left).toMatchObject({
    minMs: 10,
    medianMs: 10,
    parts: { forward: 2, backward: 2.5, optimizer: 1 },
    tokensPerSecond: 102_400,
  });
});

test('losses that part, or are missing, are named', async () => {
  const parting = fakeHost({ ms: () => 1, losses: ({ kind }) => (kind === 'ours' ? [1, 2] : [1, 2.01]) });
  expect((await measureRow(row, parting.host, { rounds: 1, steps: 1 })).faults).toHaveLength(1);
  const missing = fakeHost({ ms: () => 1, losses: () => [] });
  expect((await measureRow(row, missing.host, { rounds: 1, steps: 1 })).faults).toHaveLength(1);
});

test('two workers that change a bit of a loss are named', async () => {
  const two = ROWS.find(({ id }) => id === 'dense-2')!;
  const { host } = fakeHost({ ms: () => 1, losses: ({ workers }) => (workers === 2 ? [1 + 2 ** -52] : [1]) });
  expect((await measureRow(two, host, { rounds: 1, steps: 1 })).faults[0]).toContain('to the bit');
});

test('a run that keeps a tensor a round is named', async () => {
  const { host } = fakeHost({ ms: () => 1, tensors: (round) => round });
  expect((await measureRow(row, host, { rounds: 2, steps: 1 })).faults).not.toEqual([]);
});

test('a contestant that fails ends the others', async () => {
  const { host, open } = fakeHost({
    ms: ({ kind }) => {
      if (kind === 'jax') throw new Error('no');
      return 1;
    },
  });
  await expect(measureRow(row, host, { rounds: 1, steps: 1 })).rejects.toThrow('no');
  expect(open()).toBe(0);
});

test('the guard holds rows to half of what is asked, and to having no faults', async () => {
  const at = (ratio: number) =>
    measureRow(row, fakeHost({ ms: ({ kind }) => (kind === 'ours' ? 1 : ratio) }).host, { rounds: 1, steps: 1 });
  expect(guardFaults({ rows: [await at(0.81)] })).toEqual([]);
  expect(guardFaults({ rows: [await at(0.79)] })).toHaveLength(1);
  expect(guardFaults({ rows: [{ ...(await at(9)), faults: ['x'] }] })).toEqual(['dense: x']);
});

test('the table has a line a row and says what was not reached', async () => {
  const result = await measureRow(row, fakeHost({ ms: () => 10 }).host, { rounds: 1, steps: 1 });
  const machine = { processor: 'P', cores: 2, memoryGiB: 4, runtime: 'R', commit: 'c', date: 'd', loadBefore: 0 };
  const text = markdown({ machine, peers: { peer: '1.0.0' }, rows: [result], generation: null, scaling: [] });
  expect(text.split('\n').filter((line) => line.startsWith('| dense LM'))).toHaveLength(1);
  expect(text).toContain('| **1** (1–1) | ≥ 1.6 | no |');
});

test('generation: quarters of the context are told apart, and a late quarter that is slower counts against it', async () => {
  const { host } = fakeHost({ ms: () => 0 });
  // Tokens 16 … 126 of 128 follow the first new one: quarters of 15, 32, 32 and 32 tokens; the last takes 3 ms, the others 2.
  const late = [...Array<number>(15 + 64).fill(2), ...Array<number>(32).fill(3)];
  const slow: Host = async (spec) => ({
    ...(await host(spec)),
    time: (texts) =>
      Promise.resolve({
        times: Array.from({ length: texts }, () => late.map((step) => ({ step, passes: step, parts: null }))).flat(),
        tensors: 0,
      }),
  });
  const result = await measureGeneration(slow, { rounds: 2, steps: 1 });
  expect(result.quarters.map(({ p95Ms }) => p95Ms)).toEqual([2, 2, 2, 3]);
  expect(result).toMatchObject({ tokensPerSecond: 500, lateRatio: 1.5, reached: false, texts: 20 });
});
