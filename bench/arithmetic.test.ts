import { expect, test } from 'vitest';
import { modelSize } from '../src/analysis/modelSize';
import { linearFlops, linearShapes, stepFlops } from './arithmetic';
import { ROWS } from './rows';
import { AXES, dense, grown, mixture, small, syntheticText } from './workloads';

test('a linear layer needs two operations a weight and token', () => {
  const { total } = modelSize(dense().model);
  expect(linearFlops(dense().model)).toBe(2 * (total.attention + total.denseMlp + total.head));
});

test('the dense LM is the published one: 0.98 M parameters, about 6 GFLOP a step with causal attention', () => {
  expect(modelSize(dense().model).totalParameters / 1e6).toBeCloseTo(0.98, 2);
  expect(stepFlops(dense()) / 1e9).toBeCloseTo(6.04, 1);
  expect(Math.round(modelSize(small().model).totalParameters / 1000)).toBe(118);
});

test('another number of experts changes the arithmetic of the router alone', () => {
  const [few, many] = [mixture(8, 1024), mixture(128, 1024)];
  const router = (run: typeof few) => 3 * 1024 * 2 * 2 * 128 * run.model.nRoutedExperts;
  expect(stepFlops(many) - router(many)).toBe(stepFlops(few) - router(few));
  expect(linearShapes(many.model)).toHaveLength(linearShapes(few.model).length);
});

test('growing one size never changes the tokens of a step', () => {
  for (const axis of AXES) {
    for (const factor of [1, 2, 4, 8]) {
      const { train } = grown(axis, factor);
      expect(train.batchSize * train.sequenceLength).toBe(1024);
    }
  }
});

test('made-up text is a function of the step, and every id is a word', () => {
  const text = syntheticText(small());
  expect(text.batch(3).ids).toEqual(text.batch(3).ids);
  expect(text.batch(3).ids).not.toEqual(text.batch(4).ids);
  expect(text.batch(0).ids.every((id) => id >= 0 && id < 256)).toBe(true);
});

test('no two rows have one name', () => {
  expect(new Set(ROWS.map(({ id }) => id)).size).toBe(ROWS.length);
});
