// A run on WebGPU outlives its page as one on WASM does: to the bit, on the same adapter.
import type { Page } from '@playwright/test';
import { expect, test } from './test';
import { chooseBackend, figures, open, status, TINY, trainOne } from './trainPage';

/** The smallest steps: the software adapter takes its time. */
const RUN = `${TINY}~seed_8~batchSize_2~shards_1`;
const SLOW = 90_000;

async function onSoftwareAdapter(page: Page): Promise<void> {
  await open(page, RUN);
  await chooseBackend(page, /WebGPU, software adapter/);
  await expect(page.getByRole('banner')).toContainText('WebGPU, software adapter · your choice', { timeout: 60_000 });
}

const panels = async (page: Page) => [
  await figures(page, 'Loss'),
  await figures(page, 'Expert load, relative to the fair share'),
  await figures(page, 'Balance bias that chose'),
  await figures(page, 'Optimizer health'),
];

test('a run on WebGPU that is reloaded half way ends as one that was not, to the last digit', async ({ page, browser }) => {
  test.setTimeout(400_000);
  await onSoftwareAdapter(page);
  for (const step of [1, 2]) await trainOne(page, step, SLOW);
  await expect(page.getByText('Kept in this browser: step 2', { exact: true })).toBeVisible({ timeout: 30_000 });
  await page.reload();
  await onSoftwareAdapter(page);
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(status(page)).toContainText('Paused at step 2', { timeout: SLOW });
  for (const step of [3, 4]) await trainOne(page, step, SLOW);
  const resumed = await panels(page);
  const other = await (await browser.newContext({ baseURL: new URL('/', page.url()).href })).newPage();
  await onSoftwareAdapter(other);
  for (const step of [1, 2, 3, 4]) await trainOne(other, step, SLOW);
  expect(resumed).toEqual(await panels(other));
  expect(resumed[0]).toHaveLength(4);
});
