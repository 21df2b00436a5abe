// Pictures of a run to look at: node scripts/screenshots.mjs trains the built page and writes .cache/screenshots (two languages, three
// widths, both themes); --docs writes the two pictures of the README instead. Takes the Chromium of CHROMIUM_PATH.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { chromiumPath } from './lib/chromium.mjs';
import { QUIET_SWITCHES } from './lib/chromiumSwitches.mjs';
import { root } from './lib/run.mjs';
import { serve } from './lib/server.mjs';

const SIZES = [
  [1440, 900],
  [1024, 768],
  [390, 844],
];
const { values: options } = parseArgs({ options: { docs: { type: 'boolean', default: false }, steps: { type: 'string' } } });
const steps = Number(options.steps ?? (options.docs ? 150 : 60));
const folder = join(root, options.docs ? 'docs' : '.cache/screenshots');

/** Trains `steps` steps in the page of `language` and leaves it paused. */
async function trained(page, url, language) {
  await page.goto(`${url}#train&lang=${language}`);
  await page.getByRole('button', { name: /WASM|WebGPU/ }).waitFor();
  await page.locator('main h1').waitFor({ state: 'attached' });
  await page.keyboard.press('p');
  await page.waitForFunction(
    (wanted) =>
      Number(/(?:step|第) ([\d,]+)/.exec(document.querySelector('header').innerText)?.[1].replace(',', '') ?? 0) >= wanted,
    steps,
    { timeout: 600_000 },
  );
  await page.keyboard.press('p');
  await page.waitForTimeout(2_000);
}

async function picture(page, name, [width, height], colorScheme, fullPage) {
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
}

mkdirSync(folder, { recursive: true });
const server = await serve(join(root, 'dist'), { host: 'localhost', port: 0, strict: true });
const browser = await chromium.launch({
  executablePath: chromiumPath(),
  args: QUIET_SWITCHES,
});
try {
  for (const language of ['en', 'zh']) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await trained(page, `http://localhost:${server.address().port}/`, language);
    if (options.docs) await picture(page, `screenshot-${language}`, SIZES[0], 'light', false);
    else {
      for (const size of SIZES) {
        for (const theme of ['light', 'dark'])
          await picture(page, `${language}-${size[0]}-${theme}`, size, theme, size[0] < 1280);
      }
    }
    await context.close();
  }
} finally {
  await browser.close();
  server.close();
}
