// End-to-end tests drive the built page (npm run build first; npm test does) in the Chromium of CHROMIUM_PATH.
import { defineConfig } from '@playwright/test';
import { chromiumPath } from './scripts/lib/chromium.mjs';
import { QUIET_SWITCHES, SOFTWARE_WEBGPU_SWITCHES } from './scripts/lib/chromiumSwitches.mjs';

const port = Number(process.env.E2E_PORT ?? 4187);

export default defineConfig({
  testDir: 'e2e',
  outputDir: '.cache/e2e',
  // The page trains on every core it gets. Tests that measure time are tagged @alone: two pages at once would measure each other.
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  forbidOnly: true,
  reporter: 'line',
  use: {
    baseURL: `http://localhost:${port}/`,
    browserName: 'chromium',
    locale: 'en-GB',
    viewport: { width: 1440, height: 900 },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: chromiumPath(),
      args: [...QUIET_SWITCHES, ...SOFTWARE_WEBGPU_SWITCHES],
    },
  },
  webServer: {
    command: `node scripts/start.mjs --serve-only --port ${port}`,
    port,
    reuseExistingServer: false,
  },
});
