import { expect, test } from 'vitest';
import { Laps, PHASES, phaseTotals, traceOf, type Lap } from './stepTrace';

test('a phase lasts from the end of the one before, and what is skipped belongs to none', () => {
  const times = [0, 3, 10, 14, 15];
  const laps = new Laps(() => times.shift()!);
  laps.end('data');
  laps.skip();
  laps.end('forward', 1);
  laps.end('backward', 1);
  expect(laps.take()).toEqual([
    { phase: 'data', shard: null, from: 0, until: 3 },
    { phase: 'forward', shard: 1, from: 10, until: 14 },
    { phase: 'backward', shard: 1, from: 14, until: 15 },
  ]);
  expect(laps.take()).toEqual([]);
});

test('spans are told from the beginning of the step, and no clock puts one outside of it', () => {
  const mine: Lap[] = [{ phase: 'forward', shard: 0, from: 101, until: 104 }];
  const helpers: Lap[][] = [
    [{ phase: 'forward', shard: 1, from: 99, until: 103 }],
    [{ phase: 'backward', shard: 2, from: 108, until: 112 }],
  ];
  expect(traceOf(7, { from: 100, until: 110, exact: true }, [mine, ...helpers])).toEqual({
    step: 7,
    duration: 10,
    exact: true,
    spans: [
      { phase: 'forward', worker: 0, shard: 0, start: 1, duration: 3 },
      { phase: 'forward', worker: 1, shard: 1, start: 0, duration: 3 },
      { phase: 'backward', worker: 2, shard: 2, start: 8, duration: 2 },
    ],
  });
});

test('totals are summed by phase, of all workers or of one', () => {
  const lap = (phase: Lap['phase'], from: number, until: number): Lap => ({ phase, shard: null, from, until });
  const trace = traceOf(1, { from: 0, until: 20, exact: true }, [
    [lap('forward', 0, 5), lap('forward', 6, 8)],
    [lap('forward', 1, 4)],
  ]);
  expect(phaseTotals(trace).forward).toBe(10);
  expect(phaseTotals(trace, 0).forward).toBe(7);
  expect(Object.keys(phaseTotals(trace, 1))).toEqual([...PHASES]);
  expect(phaseTotals(trace, 1).data).toBe(0);
});
