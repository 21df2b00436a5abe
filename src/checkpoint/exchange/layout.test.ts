import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parameterSpecs } from '../../model/parameters';
import { arbitraryConfig } from '../../testing/arbitraryConfig';
import { publishedCount, publishedTensors } from './layout';

it('tensors are as many as are counted before they are listed', () => {
  fc.assert(
    fc.property(arbitraryConfig, ({ model }) => {
      const dots1 = { ...model, qkNorm: true };
      expect(publishedCount(dots1)).toBe(publishedTensors(dots1, parameterSpecs).length);
    }),
    { numRuns: 30 },
  );
});
