import { beforeAll, describe, expect, test } from 'vitest';
import { testBackend } from '../../testing/backend';
import { startTestBackend } from '../../testing/startTestBackend';
import { titleOf } from './check';
import { gradientErrors } from './finiteDifferences';
import { CONFORMANCE_TABLE } from './table';

beforeAll(startTestBackend);

/** Rounding of float32 outputs over the step: 6e-8 / 0.02 of an output, of which a few hundred are summed. */
const SMOOTH = 2e-4;
/** Operations that choose can only be moved a little before they choose otherwise. */
const NEAR_A_JUMP = 5e-3;

describe.runIf(testBackend() === 'cpu')('the gradient of a definition is the slope of its values', () => {
  const differentiable = CONFORMANCE_TABLE.filter(({ gradientFrom, step }) => gradientFrom.length > 0 && step !== 0);
  test.each(differentiable.map((testCase) => [titleOf(testCase), testCase] as const))('%s', async (_title, testCase) => {
    for (const [input, error] of Object.entries(await gradientErrors(testCase))) {
      expect(error, input).toBeLessThan((testCase.step ?? 1) < 2e-3 ? NEAR_A_JUMP : SMOOTH);
    }
  });
});
