import { expect, test } from 'vitest';
import { decimate, History } from './history';

test('a history keeps every row in order, however often it grows', () => {
  const history = new History(['step', 'loss'] as const);
  for (let step = 1; step <= 5000; step++) history.push({ step, loss: step / 2 });
  expect(history.length).toBe(5000);
  expect(history.column('step')[0]).toBe(1);
  expect(history.column('loss')[4999]).toBe(2500);
  history.clear();
  expect(history.column('loss')).toHaveLength(0);
});

test('few rows pass undecimated, many become means on the same span', () => {
  const axis = Float64Array.from({ length: 1000 }, (_, i) => i + 1);
  expect(decimate([axis, axis], 2000)[1]).toEqual(axis);
  const [x, y] = decimate([axis, axis], 10);
  expect(x).toHaveLength(10);
  expect(x!.at(-1)).toBe(1000);
  expect(y![0]).toBe(50.5);
});

test('a peak survives where the extreme is asked for, and a gap does not spread', () => {
  const axis = Float64Array.from({ length: 100 }, (_, i) => i);
  const values = new Float64Array(100).fill(1);
  values[37] = 9;
  values[38] = NaN;
  expect(Math.max(...decimate([axis, values], 10, [false, true])[1]!)).toBe(9);
  expect(decimate([axis, values], 10)[1]!.every(Number.isFinite)).toBe(true);
});
