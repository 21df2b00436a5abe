import { beforeAll, describe, expect, test } from 'vitest';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { startTestBackend } from '../../testing/startTestBackend';
import { checkOperation, titleOf } from './check';
import { CONFORMANCE_TABLE } from './table';

beforeAll(startTestBackend);

describe('every path computes what its definition computes', () => {
  test.each(CONFORMANCE_TABLE.map((testCase) => [titleOf(testCase), testCase] as const))('%s', async (_title, testCase) => {
    expect(await checkOperation(testCase)).toEqual([]);
  });
});

test('checking leaves nothing on any backend', () => {
  expect(tf.memory().numTensors).toBe(0);
});
