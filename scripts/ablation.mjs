// The figure of the README: every expert of the model that comes with the page taken away in turn, in the built page.
// node scripts/ablation.mjs --tokens 24000 --out docs; says how long it took. Takes the Chromium of CHROMIUM_PATH.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { chromiumPath } from './lib/chromium.mjs';
import { QUIET_SWITCHES } from './lib/chromiumSwitches.mjs';
import { root } from './lib/run.mjs';
import { serve } from './lib/server.mjs';

const MODES = { silent: 'zero', 'routed around': 'reroute', 'swapped for another': 'swap' };
const { values: options } = parseArgs({
  options: { tokens: { type: 'string', default: '1024' }, out: { type: 'string', default: '.cache/ablation' } },
});
const folder = join(root, options.out);
mkdirSync(folder, { recursive: true });
const server = await serve(join(root, 'dist'), { host: 'localhost', port: 0, strict: true });
const browser = await chromium.launch({
  executablePath: chromiumPath(),
  args: QUIET_SWITCHES,
});

/** Mean, least and largest of the changes of each mode, from the table of the page. */
function told(csv) {
  const rows = csv
    .replace('\ufeff', '')
    .trim()
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(','));
  for (const mode of Object.keys(MODES)) {
    const changes = rows
      .filter((row) => row[2] === mode)
      .map((row) => ({ where: `layer ${row[0]} expert ${row[1]}`, by: Number(row[4]) }));
    changes.sort((a, b) => b.by - a.by);
    const mean = changes.reduce((sum, { by }) => sum + by, 0) / changes.length;
    const name = ({ where, by }) => `${where} ${by.toFixed(4)}`;
    console.log(
      `${mode}: mean ${mean.toFixed(4)}, most ${changes.slice(0, 3).map(name).join('; ')}, least ${name(changes.at(-1))}`,
    );
  }
}

try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, deviceScaleFactor: 2 });
  await page.goto(`http://localhost:${server.address().port}/#lab&lang=en`);
  const sweeps = page.getByRole('region', { name: 'What the model would lose' });
  await sweeps.waitFor({ timeout: 120_000 });
  await sweeps.getByRole('radio', { name: Number(options.tokens).toLocaleString('en'), exact: true }).press(' ');
  const before = Date.now();
  await sweeps.getByRole('button', { name: 'Measure' }).click();
  await sweeps.getByRole('radio', { name: 'silent' }).waitFor({ timeout: 1_200_000 });
  console.log(`${((Date.now() - before) / 1000).toFixed(1)} s`, await sweeps.locator('header p').innerText());
  const exported = async (entry) => {
    await sweeps.getByRole('button', { name: 'Export' }).click();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: entry }).click()]);
    return file;
  };
  for (const [label, mode] of Object.entries(MODES)) {
    await sweeps.getByRole('radio', { name: label }).press(' ');
    await (await exported('PNG')).saveAs(join(folder, `ablation-${mode}.png`));
  }
  const table = await exported('CSV');
  const figures = await table.path();
  told(readFileSync(figures, 'utf8'));
} finally {
  await browser.close();
  server.close();
}
