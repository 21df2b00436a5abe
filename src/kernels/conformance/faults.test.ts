import { beforeAll, describe, expect, test } from 'vitest';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { startTestBackend } from '../../testing/startTestBackend';
import { checkOperation, titleOf } from './check';
import { DENSE_FAULTS } from './faultsDense';
import { ROUTING_FAULTS } from './faultsRouting';
import { CONFORMANCE_TABLE } from './table';

beforeAll(startTestBackend);

const FAULTS = [...DENSE_FAULTS, ...ROUTING_FAULTS];

describe('the checker reports every planted fault', () => {
  test.each(FAULTS.map((fault) => [`${titleOf(fault.testCase)}: ${fault.name}`, fault] as const))(
    '%s',
    async (_title, { testCase, plant }) => {
      const path = testCase.operation.pathOn(tf.getBackend());
      expect(await checkOperation(testCase, path), 'the path without the fault').toEqual([]);
      expect(await checkOperation(testCase, plant(path))).not.toEqual([]);
    },
  );
});

test('every operation has a planted fault', () => {
  const named = (cases: readonly { operation: { operationName: string } }[]) =>
    [...new Set(cases.map(({ operation }) => operation.operationName))].sort();
  expect(named(FAULTS.map(({ testCase }) => testCase))).toEqual(named(CONFORMANCE_TABLE));
});
