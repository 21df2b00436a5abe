import { expect, test } from 'vitest';
import { playwrightCounts, vitestCounts } from './lib/reports.mjs';

const file = (name, ...statuses) => ({
  name,
  status: statuses.length > 0 && !statuses.includes('failed') ? 'passed' : 'failed',
  message: '',
  assertionResults: statuses.map((status, index) => ({ status, fullName: `law ${index + 1}` })),
});

test('a test that passed counts as passed, one that failed as failed and by name', () => {
  const report = {
    numPassedTests: 3,
    numFailedTests: 1,
    testResults: [file('a.test.ts', 'passed', 'passed', 'failed', 'passed')],
  };
  expect(vitestCounts(report, 1)).toEqual({ passed: 3, failed: 1, failures: ['a.test.ts: law 3'] });
});

test('a file that could not be loaded is a failure', () => {
  const report = { numPassedTests: 1, numFailedTests: 0, testResults: [file('a.test.ts', 'passed'), file('b.test.ts')] };
  expect(vitestCounts(report, 1)).toEqual({ passed: 1, failed: 1, failures: ['b.test.ts: could not be loaded'] });
});

test('silence is a failure: no report, no test, or a bad end without a failed test', () => {
  expect(vitestCounts(null, 0)).toMatchObject({ passed: 0, failed: 1 });
  expect(vitestCounts({ numPassedTests: 0, numFailedTests: 0, testResults: [] }, 0)).toMatchObject({ passed: 0, failed: 1 });
  const passed = { numPassedTests: 2, numFailedTests: 0, testResults: [file('a.test.ts', 'passed', 'passed')] };
  expect(vitestCounts(passed, 1)).toEqual({ passed: 2, failed: 1, failures: ['the runner ended with code 1 after 2 tests'] });
  expect(playwrightCounts({ stats: { expected: 0, unexpected: 0, flaky: 0 }, suites: [] }, 0)).toMatchObject({
    passed: 0,
    failed: 1,
  });
});

test('a flaky browser test counts as failed; each failed one is named, however deep its suite', () => {
  const spec = (title, status) => ({ title, file: 'a.spec.ts', tests: [{ status }] });
  const suites = [{ specs: [spec('one', 'flaky'), spec('two', 'expected')], suites: [{ specs: [spec('three', 'unexpected')] }] }];
  expect(playwrightCounts({ stats: { expected: 5, unexpected: 1, flaky: 1 }, suites }, 1)).toEqual({
    passed: 5,
    failed: 2,
    failures: ['a.spec.ts: one', 'a.spec.ts: three'],
  });
});
