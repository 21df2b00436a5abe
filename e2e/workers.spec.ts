// Several workers train one run: seen to take part, and to change no number.
import type { Page } from '@playwright/test';
import { expect, test } from './test';
import { figures, open, stepShown, status } from './trainPage';

/** Chooses how many workers train. */
async function chooseWorkers(page: Page, count: string): Promise<void> {
  await page.getByRole('button', { name: /Workers/ }).click();
  await page.getByRole('option', { name: count, exact: true }).click();
}

async function twentySteps(page: Page): Promise<void> {
  const from = await stepShown(page);
  await page.getByRole('button', { name: 'Steps to train at once' }).click();
  await page.getByRole('menuitemradio', { name: '10 steps' }).click();
  for (const step of [10, 20]) {
    await page.getByRole('button', { name: '10 steps' }).click();
    await expect(status(page)).toContainText(`Paused at step ${from + step}`, { timeout: 60_000 });
  }
}

test('three workers give the losses and loads of one, to the last digit, and the page says how many train', async ({ page }) => {
  await open(page);
  await chooseWorkers(page, '1');
  await twentySteps(page);
  const alone = [await figures(page, 'Loss'), await figures(page, 'Expert load, relative to the fair share')];
  await expect(page.getByRole('region', { name: 'The run' })).not.toContainText('Workers');
  await chooseWorkers(page, '3');
  await page.getByRole('button', { name: 'Restart, same seed' }).click();
  await expect(status(page)).toHaveText('Ready at step 0');
  // Helpers join a run when they are ready for it.
  await page.waitForTimeout(3_000);
  await twentySteps(page);
  await expect(page.getByRole('region', { name: 'The run' })).toContainText(/Workers\s*3/);
  expect([await figures(page, 'Loss'), await figures(page, 'Expert load, relative to the fair share')]).toEqual(alone);
  await page.reload();
  await expect(page.getByRole('button', { name: /3 Workers|Workers.*3/ })).toBeVisible();
});
