import { expect, test } from 'vitest';
import { playwrightCounts, vitestCounts } from './lib/reports.mjs';

const file = (status, tests) => ({ status, assertionResults: Array.from({ length: tests }, () => ({})) });

test('a test that passed counts as passed, one that failed as failed', () => {
  const report = { numPassedTests: 3, numFailedTests: 1, testResults: [file('failed', 4)] };
  expect(vitestCounts(report, 1)).toEqual({ passed: 3, failed: 1 });
});

test('a file that could not be loaded is a failure', () => {
  const report = { numPassedTests: 3, numFailedTests: 0, testResults: [file('passed', 3), file('failed', 0)] };
  expect(vitestCounts(report, 1)).toEqual({ passed: 3, failed: 1 });
});

test('silence is a failure: no report, no test, or a bad end without a failed test', () => {
  expect(vitestCounts(null, 0)).toEqual({ passed: 0, failed: 1 });
  expect(vitestCounts({ numPassedTests: 0, numFailedTests: 0, testResults: [] }, 0)).toEqual({ passed: 0, failed: 1 });
  expect(vitestCounts({ numPassedTests: 2, numFailedTests: 0, testResults: [file('passed', 2)] }, 1)).toEqual({
    passed: 2,
    failed: 1,
  });
  expect(playwrightCounts({ stats: { expected: 0, unexpected: 0, flaky: 0 } }, 0)).toEqual({ passed: 0, failed: 1 });
});

test('a flaky browser test counts as failed', () => {
  expect(playwrightCounts({ stats: { expected: 5, unexpected: 1, flaky: 2 } }, 1)).toEqual({ passed: 5, failed: 3 });
});
