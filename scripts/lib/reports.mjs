// Reads the test runners' own reports. A runner that died, or ran nothing, is a failure of its own: silence never passes.

const NO_REPORT = { passed: 0, failed: 1, failures: ['the runner left no report'] };

/** Counts of a vitest JSON report, given the exit code of the run that wrote it, and what failed by name. */
export function vitestCounts(report, code) {
  if (!report) return NO_REPORT;
  const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  const tests = report.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => `${name}: ${fullName}`),
  );
  const failures = [...tests, ...broken.map(({ name, message }) => `${name}: ${message || 'could not be loaded'}`)];
  return withSilence({ passed: report.numPassedTests, failed: report.numFailedTests + broken.length, failures }, code);
}

/** Counts of a Playwright JSON report, and what failed by name. A flaky test has failed once: it counts as failed. */
export function playwrightCounts(report, code) {
  if (!report) return NO_REPORT;
  const { expected, unexpected, flaky } = report.stats;
  const failures = report.suites.flatMap(failedSpecs);
  return withSilence({ passed: expected, failed: unexpected + flaky, failures }, code);
}

function failedSpecs({ specs = [], suites = [] }) {
  const isFailed = ({ status }) => status === 'unexpected' || status === 'flaky';
  const own = specs.filter(({ tests }) => tests.some(isFailed)).map(({ file, title }) => `${file}: ${title}`);
  return [...own, ...suites.flatMap(failedSpecs)];
}

function withSilence({ passed, failed, failures }, code) {
  if (failed > 0 || (code === 0 && passed > 0)) return { passed, failed, failures };
  return { passed, failed: 1, failures: [`the runner ended with code ${code} after ${passed} tests`] };
}
