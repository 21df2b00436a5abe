// A run outlives its page: reloads, files, a shell and a second tab, each seen to cost no bit.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from '@playwright/test';
import { FIELDS } from '../src/config/fields';
import { expect, expectAccessible, test } from './test';
import { figures, open, status, stepShown, TINY, trainFifty, trainOne } from './trainPage';

const PANELS = ['Loss', 'Expert load, relative to the fair share', 'Balance bias that chose', 'Optimizer health'];

let folder: string;
test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeping-'));
});
test.afterAll(() => rm(folder, { recursive: true, force: true }));

/** Trains to step `until` in tens. */
async function trainTo(page: Page, until: number): Promise<void> {
  await page.getByRole('button', { name: 'Steps to train at once' }).click();
  await page.getByRole('menuitemradio', { name: '10 steps', exact: true }).click();
  for (let step = (await stepShown(page)) + 10; step <= until; step += 10) {
    await page.getByRole('button', { name: '10 steps', exact: true }).click();
    await expect(status(page)).toContainText(`Paused at step ${step}`, { timeout: 60_000 });
  }
}

const kept = (page: Page, step: number | RegExp) =>
  expect(page.getByText(step instanceof RegExp ? step : `Kept in this browser: step ${step}`, { exact: true })).toBeVisible();

/** Presses Resume in the banner and waits until the run stands again. */
async function resume(page: Page, step: number): Promise<void> {
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(status(page)).toContainText(`Paused at step ${step}`);
  // Its own button is gone: the focus goes on from the line of moments, or from where the run stands.
  await expect(page.locator('#moment-slider:focus, #run-status:focus')).toHaveCount(1);
}

async function openRunState(page: Page): Promise<void> {
  const group = page.getByRole('button', { name: 'Run state', exact: true });
  if ((await group.getAttribute('aria-expanded')) !== 'true') await group.click();
}

/** Downloads the run's state to a file. */
async function saveState(page: Page): Promise<string> {
  await openRunState(page);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download run state' }).click(),
  ]);
  const path = join(folder, `${Math.random()}-${download.suggestedFilename()}`);
  await download.saveAs(path);
  return path;
}

async function openState(page: Page, path: string, step: number): Promise<void> {
  await openRunState(page);
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Open a run state…' }).click(),
  ]);
  await chooser.setFiles(path);
  await expect(status(page)).toContainText(`Paused at step ${step}`);
}

/** What a file of a run says beside its id, and the bytes of all its tensors, read without the engine. */
async function stateIn(path: string): Promise<{ told: object; tensors: Buffer }> {
  const bytes = await readFile(path);
  const length = Number(bytes.readBigUInt64LE(0));
  const { __metadata__: metadata, ...shapes } = JSON.parse(bytes.subarray(8, 8 + length).toString()) as {
    __metadata__: Record<string, string>;
  };
  const told = JSON.parse(metadata['switchyard.run-state']!) as object;
  return { told: { ...told, runId: '', shapes }, tensors: bytes.subarray(8 + length) };
}

async function expectSameRun(path: string, expected: string): Promise<void> {
  const [one, other] = [await stateIn(path), await stateIn(expected)];
  expect(one.told).toEqual(other.told);
  expect(one.tensors.length).toBeGreaterThan(10_000);
  expect(one.tensors.equals(other.tensors)).toBe(true);
}

/** Runs `npm run train` in a shell until `steps`, from a file or from the seed, and returns the file it leaves. */
async function trainInShell(steps: number, from: string | null): Promise<string> {
  const file = join(folder, `${Math.random()}.safetensors`);
  const fresh = TINY.split('~')
    .slice(3)
    .flatMap((setting) => {
      const [key, value] = setting.split('_');
      return ['--set', `${FIELDS.find((field) => field.key === key)!.path}=${value}`];
    });
  const begin = from === null ? fresh : ['--resume', '--from', from];
  const out = join(folder, `${Math.random()}`);
  const args = ['scripts/train.mjs', '--out', out, '--steps', String(steps), '--save-as', file, ...begin];
  await promisify(execFile)(process.execPath, args);
  return file;
}

async function panelsOf(page: Page): Promise<string[][][]> {
  const tables = [];
  for (const panel of PANELS) tables.push(await figures(page, panel));
  return tables;
}

/** Another visitor: a browser without any storage of earlier ones. */
async function visitor(browser: Browser): Promise<Page> {
  return (await browser.newContext()).newPage();
}

test('a reload costs nothing: every figure and every tensor at step 50 is that of the run that was never stopped', async ({
  page,
  browser,
}) => {
  await open(page);
  await trainFifty(page);
  const [expected, state] = [await panelsOf(page), await saveState(page)];
  expect(expected[0]!.length).toBeGreaterThanOrEqual(50);

  const other = await visitor(browser);
  await open(other);
  await trainTo(other, 20);
  await kept(other, 20);
  const name = await other.getByRole('banner').innerText();
  await other.reload();
  const banner = other.getByRole('status').filter({ hasText: 'stands at step 20' });
  await expect(banner).toBeVisible({ timeout: 30_000 });
  expect(name).toContain((await banner.innerText()).split(' stands')[0]!.trim());
  await expectAccessible(other);
  await resume(other, 20);
  await expect(banner).toHaveCount(0);
  await trainTo(other, 50);
  expect(await panelsOf(other)).toEqual(expected);
  await expectSameRun(await saveState(other), state);
  await other.context().close();
});

test('a page closed in the middle of training goes on from its safety copy, as a shell trains it', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'Play' }).first().click();
  await kept(page, /^Kept in this browser: step \d+$/);
  await page.reload();
  const banner = page.getByRole('status').filter({ hasText: 'stands at step' });
  await expect(banner).toBeVisible({ timeout: 30_000 });
  const at = Number(/step ([\d,]+)/.exec(await banner.innerText())![1]!.replace(',', ''));
  await resume(page, at);
  await page.getByRole('button', { name: '50 steps' }).click();
  await expect(status(page)).toContainText(`Paused at step ${at + 50}`, { timeout: 60_000 });
  await expectSameRun(await saveState(page), await trainInShell(at + 50, null));
});

test('a run goes from the page to a shell and back, to the bit', async ({ page, browser }) => {
  await open(page);
  await trainTo(page, 20);
  const early = await saveState(page);
  await trainTo(page, 50);
  const expected = await saveState(page);
  await expectSameRun(await trainInShell(50, early), expected);

  const other = await visitor(browser);
  await open(other);
  await openState(other, await trainInShell(20, null), 20);
  await expectAccessible(other);
  await trainTo(other, 50);
  await expectSameRun(await saveState(other), expected);
  await other.context().close();
});

test('a second tab is told, takes the run over, and the first one stops, saved', async ({ page, context }) => {
  await open(page);
  await trainTo(page, 10);
  await kept(page, 10);
  await page.getByRole('button', { name: 'Play' }).first().click();
  await expect.poll(() => stepShown(page)).toBeGreaterThan(12);
  const second = await context.newPage();
  await open(second);
  await expect(second.getByText('is open in another tab')).toBeVisible();
  await second.getByRole('button', { name: 'Take over' }).click();
  await expect(status(second)).toContainText('Paused at step', { timeout: 30_000 });
  // One word for one fact, and no alarm: it was the person's own act.
  const left = page.getByRole('status').filter({ hasText: 'goes on in another tab' });
  await expect(left).toHaveText(/Here it stopped after step [\d,]+: .*Take over/);
  await expect(page.getByText('another tab')).toHaveCount(2);
  await expect(status(page)).toContainText('In another tab since step');
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expectAccessible(page);
  // Play would otherwise make another run, as if this one were gone.
  await expect(page.getByRole('button', { name: 'Play' }).first()).toBeDisabled();
  expect(await stepShown(second)).toBe(await stepShown(page));
  await second.getByRole('button', { name: 'One step' }).click();
  await kept(second, (await stepShown(page)) + 1);
  await left.getByRole('button', { name: 'Take over' }).click();
  await expect(status(page)).toContainText('Paused at step', { timeout: 30_000 });
  await expect(left).toHaveCount(0);
});

test('a kept run is offered in every view, and of several the newest first', async ({ page }) => {
  await open(page);
  await trainTo(page, 10);
  await kept(page, 10);
  await page.getByRole('button', { name: 'Restart' }).click();
  await expect(status(page)).toContainText('Ready at step 0');
  await trainOne(page, 1);
  await kept(page, 1);
  await page.reload();
  const offers = page.getByRole('status').filter({ hasText: 'stands at step' });
  await expect(offers).toHaveText(/stands at step 1/, { timeout: 30_000 });
  await page.getByRole('button', { name: /^Kept runs/ }).click();
  const listed = page.getByRole('listitem').filter({ has: page.getByRole('button', { name: /^Discard / }) });
  await expect(listed).toHaveText([/step 1 ·/, /step 10 ·/]);
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Prompt' }).click();
  await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeAttached();
  await expect(offers).toHaveText(/stands at step 1/);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByRole('banner')).toContainText('step 1', { timeout: 30_000 });
  await expect(offers).toHaveCount(0);
});

test('a discarded run is gone, and a file that is no run is named', async ({ page }) => {
  await open(page);
  await trainTo(page, 10);
  await kept(page, 10);
  await page.reload();
  await page.getByRole('button', { name: 'Discard' }).click({ timeout: 30_000 });
  await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
  await expect(page.getByText('stands at step')).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole('banner')).toContainText(/WASM/, { timeout: 30_000 });
  await openRunState(page);
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Open a run state…' }).click(),
  ]);
  await chooser.setFiles({ name: 'x.safetensors', mimeType: '', buffer: Buffer.alloc(40) });
  await expect(page.getByRole('alert')).toContainText('This file is no run state');
  await expect(page.getByText('stands at step')).toHaveCount(0);
});
