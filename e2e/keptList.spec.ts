// The list of kept runs: what it says of each, what can be done there, and that a run which gives way is named before and after.
import type { Page } from '@playwright/test';
import { KEPT_RUNS } from '../src/config/snapshotSettings';
import { expect, expectAccessible, test } from './test';
import { open, status, TINY, trainFifty, trainOne } from './trainPage';

const list = (page: Page) => page.getByRole('listitem').filter({ has: page.getByRole('button', { name: /^(Unp|P)in / }) });
const openList = (page: Page) => page.getByRole('button', { name: /^Kept runs/ }).click();
const kept = (page: Page, step: number) =>
  expect(page.getByText(`Kept in this browser: step ${step}`, { exact: true })).toBeVisible({ timeout: 60_000 });

/** A run of 50 steps and one of a single step, which is open. @returns their names */
async function twoRuns(page: Page): Promise<[string, string]> {
  const name = async (): Promise<string> => /[a-z]+ [a-z]+(?=\s+step \d)/.exec(await page.getByRole('banner').innerText())![0];
  await open(page);
  await trainFifty(page);
  await kept(page, 50);
  const first = await name();
  await page.getByRole('button', { name: 'Restart' }).click();
  await expect(status(page)).toContainText('Ready at step 0');
  await trainOne(page, 1);
  await kept(page, 1);
  return [first, await name()];
}

/** Copies the files of a kept run under new ids. */
function copyRun(page: Page, count: number): Promise<void> {
  return page.evaluate(async (copies) => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('runs');
    const names: string[] = [];
    for await (const name of (folder as unknown as { keys(): AsyncIterable<string> }).keys()) names.push(name);
    const runId = names.find((name) => name.includes('.state.'))!.split('.')[0]!;
    for (const name of names.filter((one) => /\.(state|about)\./.test(one) && one.startsWith(`${runId}.`)))
      for (let copy = 0; copy < copies; copy++) {
        const file = await folder.getFileHandle(name.replace(runId, `copy-${copy}`), { create: true });
        const writable = await file.createWritable();
        await writable.write(await (await folder.getFileHandle(name)).getFile());
        await writable.close();
      }
  }, count);
}

test('each run is listed once, with what it has come to, and can be opened, pinned and discarded there', async ({ page }) => {
  const [long, short] = await twoRuns(page);
  await openList(page);
  const [own, other] = [list(page).filter({ hasText: short }), list(page).filter({ hasText: long })];
  await expect(own).toContainText('open here');
  await expect(own).toContainText('step 1 ·');
  await expect(other).toContainText(/step 50 · loss \d\.\d{3} nats · .*\d{4}, \d+:\d\d.* · [\d.]+ [KM]iB/);
  await expect(own.getByRole('button')).toHaveText(['Pin']);
  await expect(other.getByRole('button')).toHaveText(['Open', 'Pin', 'Discard']);
  await expectAccessible(page);

  await other.getByRole('button', { name: `Pin ${long}` }).click();
  await expect(other).toContainText('pinned · step 50');
  await page.reload();
  // The offer of the newest one stays, and the list is the only one beside it.
  await expect(page.getByRole('status').filter({ hasText: 'stands at step 1' })).toBeVisible({ timeout: 30_000 });
  await openList(page);
  await expect(list(page)).toHaveCount(2);
  await expect(other.getByRole('button', { name: `Unpin ${long}` })).toBeVisible();
  await list(page).filter({ hasText: short }).getByRole('button', { name: 'Discard' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'stands at step 50' })).toBeVisible();
  await expect(page.getByText(short)).toHaveCount(0);
});

test('a run that is open in another tab is listed so in both, and the tab that had it says nothing else', async ({
  page,
  context,
}) => {
  const [long, short] = await twoRuns(page);
  const second = await context.newPage();
  await open(second);
  await second.getByRole('button', { name: 'Take over', exact: true }).click();
  await expect(status(second)).toContainText('Paused at step 1', { timeout: 30_000 });
  await expect(page.getByText(`${short} goes on in another tab`)).toBeVisible();
  await openList(page);
  const row = list(page).filter({ hasText: short });
  await expect(row).toContainText('open in another tab');
  await expect(row.getByRole('button')).toHaveText(['Take over', 'Pin']);
  await expect(page.getByText('open here')).toHaveCount(0);
  await list(page)
    .filter({ hasText: long })
    .getByRole('button', { name: `Open ${long}` })
    .click();
  await expect(status(page)).toContainText('Paused at step 50', { timeout: 30_000 });
});

test('the run that gives way next is named, a pin spares it, and when it has gone the page says so until that is closed', async ({
  page,
}) => {
  await open(page);
  await trainOne(page, 1);
  await kept(page, 1);
  await copyRun(page, KEPT_RUNS.most - 1);
  await page.goto(`./?again#${TINY}`);
  const next = page.getByText('There is room for no more runs');
  await expect(next).toBeVisible({ timeout: 30_000 });
  await expectAccessible(page);
  const name = /gives way: (.+) · step 1\./.exec(await next.innerText())![1]!;
  await openList(page);
  await expect(list(page)).toHaveCount(KEPT_RUNS.most);
  await page
    .getByRole('button', { name: `Pin ${name}` })
    .first()
    .click();
  await expect(next).toHaveCount(0);
  await page.getByRole('button', { name: `Unpin ${name}` }).click();
  await expect(next).toBeVisible();
  await trainOne(page, 1, 30_000);
  const gone = page.getByRole('status').filter({ hasText: `Let go to make room: ${name} · step 1` });
  await expect(gone).toBeVisible();
  await page.getByRole('link', { name: 'Prompt' }).click();
  await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeAttached();
  await expectAccessible(page);
  await gone.getByRole('button', { name: 'Dismiss' }).click();
  await expect(gone).toHaveCount(0);
  await page.getByRole('link', { name: 'Train' }).click();
  await expect(status(page)).toContainText('Paused at step 1');
  await expect(gone).toHaveCount(0);
});
