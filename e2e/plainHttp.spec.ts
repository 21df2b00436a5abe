// Over plain http a browser gives neither private files nor locks: runs are kept in a database, and tabs ask each other.
import config from '../playwright.config';
import { expect, test } from './test';
import { PLAIN_SWITCH, overPlainHttp } from './plainHttp';
import { open, status, stepShown, trainOne } from './trainPage';

const { baseURL = '', launchOptions = {} } = config.use ?? {};
test.use({
  baseURL: overPlainHttp(baseURL),
  launchOptions: { ...launchOptions, args: [...(launchOptions.args ?? []), PLAIN_SWITCH] },
});

test('a database that is cleared under the page is used again with the next step', async ({ page, context, baseURL: origin }) => {
  await open(page);
  await trainOne(page, 1, 60_000);
  await expect(page.getByText('Kept in this browser: step 1', { exact: true })).toBeVisible();
  const devtools = await context.newCDPSession(page);
  await devtools.send('Storage.clearDataForOrigin', { origin: new URL(origin!).origin, storageTypes: 'indexeddb' });
  await trainOne(page, 2, 60_000);
  await expect(page.getByText('Kept in this browser: step 2', { exact: true })).toBeVisible();
  await page.reload();
  await page.getByRole('button', { name: 'Resume' }).click({ timeout: 30_000 });
  await expect(status(page)).toContainText('Paused at step 2');
});

test('a run is kept without private files and locks, and has one writer', async ({ page, context }) => {
  await open(page);
  expect(await page.evaluate(() => [isSecureContext, 'storage' in navigator, 'locks' in navigator])).toEqual([
    false,
    false,
    false,
  ]);
  await page.getByRole('button', { name: 'One step' }).click();
  await expect(page.getByText('Kept in this browser: step 1', { exact: true })).toBeVisible();
  await page.reload();
  await page.getByRole('button', { name: 'Resume' }).click({ timeout: 30_000 });
  await expect(status(page)).toContainText('Paused at step 1');
  await page.getByRole('button', { name: 'One step' }).click();
  await expect(page.getByText('Kept in this browser: step 2', { exact: true })).toBeVisible();

  const second = await context.newPage();
  await open(second);
  await expect(second.getByText('is open in another tab')).toBeVisible();
  await second.getByRole('button', { name: 'Take over' }).click();
  await expect(status(second)).toContainText('Paused at step 2', { timeout: 30_000 });
  const left = page.getByRole('status').filter({ hasText: 'goes on in another tab' });
  await expect(left).toHaveText(/Here it stopped after step 2: .*Take over/);
  await expect(page.getByRole('alert')).toHaveCount(0);
  await left.getByRole('button', { name: 'Take over' }).click();
  await expect(status(page)).toContainText('Paused at step 2', { timeout: 30_000 });
  expect(await stepShown(page)).toBe(2);
});
