// Reads the test runners' own reports. A runner that died, or ran nothing, is a failure of its own: silence never passes.

/** Counts of a vitest JSON report, given the exit code of the run that wrote it. */
export function vitestCounts(report, code) {
  if (!report) return { passed: 0, failed: 1 };
  const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
  return withSilence({ passed: report.numPassedTests, failed: report.numFailedTests + broken }, code);
}

/** Counts of a Playwright JSON report. A flaky test has failed once: it counts as failed. */
export function playwrightCounts(report, code) {
  if (!report) return { passed: 0, failed: 1 };
  const { expected, unexpected, flaky } = report.stats;
  return withSilence({ passed: expected, failed: unexpected + flaky }, code);
}

function withSilence({ passed, failed }, code) {
  const silent = failed === 0 && (code !== 0 || passed === 0);
  return { passed, failed: silent ? 1 : failed };
}
