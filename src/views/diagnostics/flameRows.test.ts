import { expect, test } from 'vitest';
import { traceOf, type Lap } from '../../core/stepTrace';
import { flameRows } from './flameRows';

const lap = (phase: Lap['phase'], shard: number | null, from: number, until: number): Lap => ({ phase, shard, from, until });

test('a shard spans its passes on the worker that computed it, and each phase lies under its shard or under nothing', () => {
  const trace = traceOf(1, { from: 0, until: 100, exact: true }, [
    [
      lap('data', null, 0, 5),
      lap('forward', 0, 5, 30),
      lap('backward', 0, 30, 60),
      lap('wait', 1, 60, 70),
      lap('optimizer', null, 80, 95),
    ],
    [lap('copy', null, 6, 8), lap('forward', 1, 8, 33), lap('backward', 1, 33, 66)],
  ]);
  const { blocks, workers } = flameRows(trace);
  expect(workers).toBe(2);
  expect(blocks.filter(({ kind }) => kind !== 'phase').map(({ row, start, end }) => [row, start, end])).toEqual([
    [0, 0, 100],
    [1, 5, 60],
    [3, 8, 66],
  ]);
  const phases = blocks.flatMap((block) => (block.kind === 'phase' ? [[block.row, block.span.phase]] : []));
  expect(phases).toEqual([
    [2, 'data'],
    [2, 'forward'],
    [2, 'backward'],
    [2, 'wait'],
    [2, 'optimizer'],
    [4, 'copy'],
    [4, 'forward'],
    [4, 'backward'],
  ]);
});

test('no two blocks of a row overlap', () => {
  const laps = [0, 1, 2].flatMap((shard) => [
    lap('forward', shard, shard * 10, shard * 10 + 4),
    lap('backward', shard, shard * 10 + 4, shard * 10 + 9),
  ]);
  const { blocks } = flameRows(traceOf(1, { from: 0, until: 30, exact: true }, [laps]));
  for (const a of blocks)
    for (const b of blocks) if (a !== b && a.row === b.row) expect(a.end <= b.start || b.end <= a.start).toBe(true);
});
