import { expect, test } from 'vitest';
import { aroundLayerMean } from './layerMean';

test('what the experts of a layer share is taken away, their differences stay', () => {
  const around = aroundLayerMean(Float32Array.of(2, 2.5, 3, 2.5, -1, 1, 0, 0), 4);
  expect([...around]).toEqual([-0.5, 0, 0.5, 0, -1, 1, 0, 0]);
});
