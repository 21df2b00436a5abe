// The software WebGPU adapter in the page: it is slow and always there, so what holds for a GPU can be tried anywhere.
import type { Locator, Page } from '@playwright/test';
import { test as ownBrowser } from './ownBrowser';
import { expect, test } from './test';
import { chooseBackend, figures, open, status, stepShown, TINY, trainOne } from './trainPage';

const SOFTWARE = 'WebGPU, software adapter · your choice';

/** What the header says of a model that trains. */
const live = (page: Page): Locator => page.getByRole('banner').getByText('live', { exact: true });

/** Training losses of the first three steps, in nats. */
async function threeLosses(page: Page): Promise<number[]> {
  for (const step of [1, 2, 3]) await trainOne(page, step, 90_000);
  const rows = await figures(page, 'Loss');
  expect(rows.map(([step]) => step)).toEqual(['1', '2', '3']);
  return rows.map(([, loss]) => Number(loss));
}

test('chosen in the menu, the software adapter trains the same model as WASM', async ({ page }) => {
  test.setTimeout(400_000);
  await open(page, `${TINY}~seed_5`);
  const onWasm = await threeLosses(page);
  await chooseBackend(page, /WebGPU, software adapter/);
  await expect(page.getByRole('banner')).toContainText(SOFTWARE, { timeout: 60_000 });
  await expect(status(page)).toContainText('Ready at step 0', { timeout: 90_000 });
  const onSoftware = await threeLosses(page);
  console.log(`losses on WASM ${onWasm.join(', ')}; on the software adapter ${onSoftware.join(', ')}`);
  expect(onSoftware).not.toEqual(onWasm);
  for (const [index, loss] of onSoftware.entries()) expect(Math.abs(loss - onWasm[index]!)).toBeLessThanOrEqual(1e-3);
  expect(new Set(onSoftware).size).toBe(3);
  await expect(page.getByRole('banner')).toContainText(SOFTWARE);
  await expect(page.getByText('did not start')).toBeHidden();
});

/** Trains on the software adapter in a browser of its own, whose graphics process then crashes. */
async function loseGraphics(page: Page): Promise<void> {
  await open(page);
  await chooseBackend(page, /WebGPU, software adapter/);
  await expect(page.getByRole('banner')).toContainText(SOFTWARE, { timeout: 60_000 });
  await page.getByRole('button', { name: 'Play' }).first().click();
  await expect.poll(() => stepShown(page), { timeout: 120_000 }).toBeGreaterThan(0);
  await expect(live(page)).toBeVisible();
  const devtools = await page.context().browser()!.newBrowserCDPSession();
  await devtools.send('Browser.crashGpuProcess');
  await expect(status(page)).toContainText(/Stopped after step \d+/, { timeout: 30_000 });
  await expect(page.getByText(/The graphics device was lost.*Restart the run/)).toBeVisible();
  await expect(live(page)).toBeHidden();
}

ownBrowser('a lost graphics device is told in words, nothing claims to train on, and a restart trains on', async ({ page }) => {
  test.setTimeout(400_000);
  await loseGraphics(page);
  const stopped = await stepShown(page);
  await page.waitForTimeout(3_000);
  expect(await stepShown(page)).toBe(stopped);
  await expect(live(page)).toBeHidden();
  await page.getByRole('button', { name: 'Restart now' }).click();
  await expect(status(page)).toContainText('Ready at step 0', { timeout: 90_000 });
  await expect(page.getByText('The graphics device was lost')).toBeHidden();
  await expect(page.getByRole('banner')).toContainText(SOFTWARE);
  await trainOne(page, 1, 90_000);
});

// A browser may keep graphics from a page that lost them, and one that lost them twice may end: another backend goes on.
ownBrowser('another backend trains on after a lost graphics device', async ({ page }) => {
  test.setTimeout(400_000);
  await loseGraphics(page);
  await chooseBackend(page, /^WASM/);
  await expect(page.getByRole('banner')).toContainText('WASM · your choice', { timeout: 30_000 });
  await expect(status(page)).toContainText('Ready at step 0', { timeout: 30_000 });
  await trainOne(page, 1);
});
