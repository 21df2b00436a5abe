// Storage that is full, spoilt or emptied under the page: training goes on, the last good copy is used, and a word says which.
import { chromium, type Page } from '@playwright/test';
import { expect, expectAccessible, test } from './test';
import { open, status, stepShown, TINY, trainOne } from './trainPage';

const kept = (page: Page, step: number) =>
  expect(page.getByText(`Kept in this browser: step ${step}`, { exact: true })).toBeVisible({ timeout: 60_000 });

test('without room training goes on and says so; with room again the run is kept', async ({ page, context, baseURL }) => {
  await open(page);
  await trainOne(page, 1, 60_000);
  await kept(page, 1);
  const devtools = await context.newCDPSession(page);
  const { origin } = new URL(baseURL!);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1000 });
  await trainOne(page, 2, 60_000);
  const notice = page.getByRole('status').filter({ hasText: 'The run is not being kept' });
  await expect(notice).toContainText('no more room', { timeout: 60_000 });
  await trainOne(page, 3, 60_000);
  await expectAccessible(page);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin });
  await trainOne(page, 4, 60_000);
  await kept(page, 4);
  await expect(notice).toHaveCount(0);
});

test('of a damaged copy the one before is used, and the page says so', async ({ page }) => {
  await open(page);
  for (const step of [1, 2, 3]) {
    await trainOne(page, step, 60_000);
    await kept(page, step);
  }
  const changed = await page.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('runs');
    const read = async (name: string): Promise<Uint8Array<ArrayBuffer>> =>
      new Uint8Array(await (await (await folder.getFileHandle(name)).getFile()).arrayBuffer());
    const found: { name: string; sequence: bigint }[] = [];
    for await (const name of (folder as unknown as { keys(): AsyncIterable<string> }).keys())
      if (/\.state\.[ab]\.commit$/.test(name))
        found.push({
          name: name.replace(/\.commit$/, ''),
          sequence: new DataView((await read(name)).buffer).getBigUint64(0, true),
        });
    const { name } = found.reduce((one, other) => (other.sequence > one.sequence ? other : one));
    const bytes = await read(name);
    bytes[bytes.length >> 1]! ^= 1;
    const file = await (await folder.getFileHandle(name)).createWritable();
    await file.write(bytes);
    await file.close();
    return name;
  });
  await page.reload();
  await page.getByRole('button', { name: 'Resume' }).click({ timeout: 60_000 });
  // On a slow machine one step may be saved twice: by the clock, and because it rests.
  await expect(status(page)).toContainText(/Paused at step [23]/, { timeout: 60_000 });
  const before = await stepShown(page);
  await expect(page.getByRole('status').filter({ hasText: 'A newer copy of this run is damaged' })).toContainText(changed);
  await expectAccessible(page);
  await trainOne(page, before + 1, 60_000);
  await kept(page, before + 1);
});

test('storage that is cleared under the page is used again with the next step', async ({ page }) => {
  await open(page);
  await trainOne(page, 1, 60_000);
  await kept(page, 1);
  await page.evaluate(async () => {
    await (await navigator.storage.getDirectory()).removeEntry('runs', { recursive: true });
  });
  await trainOne(page, 2, 60_000);
  await kept(page, 2);
  await page.reload();
  await page.getByRole('button', { name: 'Resume' }).click({ timeout: 60_000 });
  await expect(status(page)).toContainText('Paused at step 2', { timeout: 60_000 });
});

test('a run that the browser has deleted between visits is named, and the page trains as ever', async ({ page }) => {
  await open(page);
  await trainOne(page, 1, 60_000);
  await kept(page, 1);
  await page.goto('./#1~about');
  await page.evaluate(async () => {
    await (await navigator.storage.getDirectory()).removeEntry('runs', { recursive: true });
  });
  await page.goto(`./?again#${TINY}`);
  const notice = page.getByRole('status').filter({ hasText: 'The browser has deleted' });
  await expect(notice).toContainText('step 1', { timeout: 60_000 });
  await expectAccessible(page);
  await notice.getByRole('button', { name: 'Dismiss' }).click();
  await expect(notice).toHaveCount(0);
  expect(await stepShown(page)).toBe(0);
  await trainOne(page, 1, 60_000);
  await kept(page, 1);
});

test('garbage collected at any moment keeps no file from opening', async ({ contextOptions, launchOptions, baseURL }) => {
  const browser = await chromium.launch({ ...launchOptions, args: [...launchOptions.args!, '--js-flags=--expose-gc'] });
  try {
    const page = await browser.newPage({ ...contextOptions, baseURL: baseURL! });
    await open(page);
    // Between the tasks of every worker, and so while a file is being opened.
    for (const worker of page.workers())
      await worker.evaluate(() => void setInterval(() => (globalThis as unknown as { gc(): void }).gc(), 1));
    for (let step = 1; step <= 8; step++) {
      await trainOne(page, step, 60_000);
      await kept(page, step);
    }
  } finally {
    await browser.close();
  }
});
