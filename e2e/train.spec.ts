// The Train view as a person uses it: a real model trains in the page, and the page says what it does.
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import { expect, expectAccessible, test } from './test';
import { open, settings, status, stepShown, TINY, trainFifty, type } from './trainPage';

const heatmap = (page: Page, what: 'load' | 'bias'): Locator =>
  page.getByLabel(
    what === 'load' ? 'Relative load of every expert in every MoE layer' : 'Bias of every expert in every MoE layer',
  );

/** The training loss of `step` as the legend reads it, once its curve has come so far: curves follow the rail's word at their own pace. */
async function lossShown(page: Page, step: number): Promise<string> {
  const legend = page.getByRole('region', { name: 'Loss', exact: true });
  await expect(legend).toContainText(`Newest: step ${step}`);
  const entry = legend.getByRole('button', { name: /^Training/ }).first();
  await expect(entry).not.toContainText('(step');
  return (await entry.innerText()).replace(/\s+/g, ' ');
}

/** Milliseconds from Play to the first step shown, on a warm page: a person has looked around for a moment. */
async function firstStep(page: Page): Promise<number> {
  await open(page, 'train');
  await page.waitForTimeout(3_000);
  const play = page.getByRole('button', { name: 'Play' }).first();
  const from = performance.now();
  await play.click();
  await expect.poll(() => stepShown(page), { timeout: 30_000, intervals: [50] }).toBeGreaterThan(0);
  return performance.now() - from;
}

test('play trains: a step is seen within three seconds, figures move, pause stops', { tag: '@alone' }, async ({ page }) => {
  let wait = Infinity;
  // Other work on the machine may fall into one try, and hardly into the same second of three.
  for (let tries = 0; tries < 3 && wait > 3_000; tries++) {
    await page.goto('about:blank');
    wait = await firstStep(page);
    console.log(`first step seen after ${Math.round(wait)} ms`);
  }
  expect(wait).toBeLessThanOrEqual(3_000);
  await expect(status(page)).toHaveText('Training');
  await expect.poll(() => stepShown(page), { timeout: 30_000 }).toBeGreaterThan(4);
  const speed = await page.locator('dl, section').filter({ hasText: 'tokens/s' }).first().innerText();
  expect(Number(/([\d,]+)\s*tokens\/s/.exec(speed)?.[1]?.replace(/,/g, ''))).toBeGreaterThan(0);
  await page.keyboard.press('p');
  await expect(status(page)).toContainText('Paused at step');
  const paused = await stepShown(page);
  await page.waitForTimeout(1_500);
  expect(await stepShown(page)).toBe(paused);
});

test('one step, many steps, and a restart from the same seed that repeats the first', async ({ page }) => {
  await open(page);
  const fifty = async () => {
    await trainFifty(page);
    return lossShown(page, 50);
  };
  const first = await fifty();
  await page.getByRole('button', { name: 'One step' }).click();
  await expect(status(page)).toContainText('Paused at step 51');
  await page.keyboard.press('s');
  await expect(status(page)).toContainText('Paused at step 52');
  await page.keyboard.press('r');
  await expect(status(page)).toContainText('Ready at step 0');
  await page.keyboard.press('s');
  await expect(status(page)).toContainText('Paused at step 1');
  expect(await lossShown(page, 1)).not.toBe(first);
  await page.keyboard.press('r');
  await expect(status(page)).toContainText('Ready at step 0');
  expect(await fifty()).toBe(first);
});

test('the bias and the learning rate change in the middle of a run, and the log says when', async ({ page }) => {
  await open(page);
  await trainFifty(page);
  await settings(page, 'Load balance');
  await page.getByRole('button', { name: / Balancing$/ }).click();
  await page.getByRole('option', { name: 'No bias' }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'One step' }).click();
  await expect(status(page)).toContainText('Paused at step 51');
  await expect(page.getByText('the bias is off in this run')).toBeVisible();
  await page.getByRole('button', { name: / Balancing$/ }).click();
  await page.getByRole('option', { name: 'Loss-free, by sign' }).click();
  await page.getByRole('button', { name: 'One step' }).click();
  await expect(status(page)).toContainText('Paused at step 52');
  await expect(page.getByText('the bias is off in this run')).toBeHidden();
  await settings(page, 'Optimizer');
  await type(page, 'Learning rate', '0.005');
  await page.getByRole('button', { name: /^Run log/ }).click();
  await expect(page.getByText('after step 50: Balancing → No bias')).toBeVisible();
  await expect(page.getByText('after step 51: Balancing → Loss-free, by sign')).toBeVisible();
  await expect(page.getByText('after step 52: Learning rate → 0.005')).toBeVisible();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download run log' }).click(),
  ]);
  const log = JSON.parse(await readFile(await file.path(), 'utf8')) as { steps: number; changes: unknown[] };
  expect(log.steps).toBe(52);
  expect(log.changes).toHaveLength(3);
});

test('cells are walked with the keyboard, a reading keeps up with training, an expert lights up everywhere', async ({ page }) => {
  await open(page);
  await trainFifty(page);
  await heatmap(page, 'load').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  const reading = page.getByText(/Layer 2.*Expert \d+.*×/).first();
  await expect(reading).toBeVisible();
  const before = await reading.innerText();
  await page.getByRole('button', { name: 'One step' }).click();
  await expect(status(page)).toContainText('Paused at step 51');
  await heatmap(page, 'load').hover({ position: { x: 30, y: 10 } });
  const resting = page.getByText(/Layer 1.*Expert 0.*×/).first();
  await expect(resting).toBeVisible();
  const rested = await resting.innerText();
  await page.keyboard.press('p');
  await expect.poll(() => resting.innerText(), { timeout: 20_000 }).not.toBe(rested);
  await page.keyboard.press('p');
  expect(before).toMatch(/\d/);
  await heatmap(page, 'load').click({ position: { x: 30, y: 10 } });
  await expect(page.getByText(/Expert 0: \d+ of 48 tokens here/)).toBeVisible();
});

test('figures have a table, earlier steps can be shown, a sample follows a prompt of one’s own', async ({ page }) => {
  await open(page);
  await page.getByPlaceholder('Text for the model to continue').fill('春天');
  await trainFifty(page);
  await expect(page.getByText(/^春天/).first()).toBeVisible();
  const panel = page.getByRole('region', { name: 'Expert load, relative to the fair share' });
  await panel.getByRole('button', { name: /table/i }).click();
  await expect(panel.getByRole('table')).toContainText('Layer 2');
  const scrubber = page.getByRole('slider', { name: /Step shown/ });
  await scrubber.focus();
  for (let back = 0; back < 5; back++) await page.keyboard.press('ArrowLeft');
  await expect(page.getByText(/Step 45 · .* training tokens/).first()).toBeVisible();
});

test('a preset without experts says so; a value out of bounds is named; a link carries the setup', async ({ page, browser }) => {
  await open(page, 'train');
  await page.getByRole('button', { name: /Preset/ }).click();
  await page
    .getByRole('option')
    .filter({ hasText: /dense|Without experts/i })
    .first()
    .click();
  await expect(page.getByText('This model has no experts')).toBeVisible();
  await settings(page, 'Batch and seed');
  await type(page, 'Seed', '77');
  await expect.poll(() => page.url()).toContain('seed_77');
  const elsewhere = await browser.newContext();
  const other = await elsewhere.newPage();
  await other.goto(page.url());
  await settings(other, 'Batch and seed');
  await expect(other.getByRole('textbox', { name: 'Seed', exact: true })).toHaveValue('77');
  await expect(other.getByText('This model has no experts')).toBeVisible();
  await elsewhere.close();
  await settings(page, 'Attention');
  await type(page, 'Head width', '31');
  await expect(page.getByText('Head width is 31, but has to be even.')).toBeVisible();
  await page.getByRole('button', { name: 'Play' }).first().click();
  await expect(page.getByText('That did not work')).toBeVisible();
});

test('language and theme change in the middle of a run', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await open(page);
  await page.keyboard.press('p');
  await expect.poll(() => stepShown(page), { timeout: 30_000 }).toBeGreaterThan(2);
  await page.getByRole('button', { name: 'Theme' }).click();
  await page.getByRole('menuitemradio', { name: 'Dark' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.getByRole('button', { name: 'Language' }).click();
  await page.getByRole('menuitemradio', { name: '简体中文' }).click();
  await expect(status(page)).toHaveText('训练中');
  const step = async () => Number(/第 ([\d,]+) 步/.exec(await page.getByRole('banner').innerText())?.[1]?.replace(/,/g, '') ?? 0);
  const before = await step();
  await expect.poll(step).toBeGreaterThan(before);
});

test('held-out text is compared by domain, parameters by component', async ({ page }) => {
  await open(page);
  await trainFifty(page);
  await page.getByRole('button', { name: 'Where the parameters are' }).click();
  await expect(page.getByRole('img', { name: /^Parameters by component: Embedding 65.5K/ }).locator('svg')).toBeVisible();
  const loss = page.getByRole('region', { name: 'Loss', exact: true });
  await loss.getByRole('button', { name: /Shown/ }).click();
  await page.getByRole('option', { name: 'Domains now' }).click();
  const bars = loss.getByRole('img', { name: /^Validation by domain, nats: / });
  await expect(bars.locator('svg')).toBeVisible();
  await expect(bars).toHaveAttribute('aria-label', /Manuals · zh \d.*Manuals · en \d/);
  await expect(loss).toContainText('from the token before alone');
  await loss.getByRole('button', { name: 'Show as table' }).click();
  await expect(loss.getByRole('table')).toContainText('English');
});

test('the backend is named with its reason and can be changed', async ({ page }) => {
  await open(page);
  await expect(page.getByRole('banner')).toContainText('no GPU adapter found');
  for (const [choice, shown] of [
    ['Plain JavaScript', 'your choice'],
    ['Automatic', 'no GPU adapter found'],
  ] as const) {
    await page.getByRole('banner').getByRole('button', { name: / · / }).click();
    await page.getByRole('menuitemradio', { name: new RegExp(choice) }).click();
    await expect(page.getByRole('banner')).toContainText(shown, { timeout: 30_000 });
    await page.getByRole('button', { name: 'One step' }).click();
    await expect(status(page)).toContainText('Paused at step 1', { timeout: 60_000 });
    await page.getByRole('button', { name: 'Restart, same seed' }).click();
    await expect(status(page)).toContainText('Ready at step 0', { timeout: 60_000 });
  }
});

test(
  'from Play on no task of the page takes more than 100 ms, in four of five windows at least',
  { tag: '@alone' },
  async ({ page }) => {
    await open(page, 'train');
    await page.waitForTimeout(3_000);
    await page.evaluate(() => {
      const tasks: [at: number, duration: number][] = [];
      Object.assign(window, { tasks });
      new PerformanceObserver((list) => {
        tasks.push(...list.getEntries().map(({ startTime, duration }): [number, number] => [startTime, duration]));
      }).observe({ type: 'longtask' });
    });
    const from = await page.evaluate(() => performance.now());
    await page.keyboard.press('p');
    await page.waitForTimeout(20_000);
    expect(await stepShown(page)).toBeGreaterThan(4);
    const tasks = await page.evaluate(() => (window as unknown as { tasks: [number, number][] }).tasks);
    const windows = [0, 1, 2, 3, 4].map((index) =>
      Math.max(0, ...tasks.filter(([at]) => Math.min(4, Math.floor((at - from) / 4_000)) === index).map(([, ms]) => ms)),
    );
    // All are printed: a busy machine has been seen to spoil single ones (LOG.md).
    console.log(`longest main-thread task in windows of 4 s: ${windows.join(', ')} ms`);
    expect([...windows].sort((a, b) => a - b)[3]).toBeLessThanOrEqual(100);
  },
);

test('training goes on in a hidden tab', async ({ page, context }) => {
  await open(page, 'train');
  await page.keyboard.press('p');
  await expect.poll(() => stepShown(page), { timeout: 30_000 }).toBeGreaterThan(2);
  const before = await stepShown(page);
  const other = await context.newPage();
  await other.goto('about:blank');
  await other.bringToFront();
  await other.waitForTimeout(4_000);
  await other.close();
  await page.bringToFront();
  await expect.poll(() => stepShown(page)).toBeGreaterThan(before);
});

for (const language of ['en', 'zh'] as const) {
  test(`a trained page has nothing in anybody’s way in ${language}, light and dark`, async ({ page }) => {
    await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: 'light' });
    await page.goto(`./#${TINY}&lang=${language}`);
    await page.reload();
    await expect(page.getByRole('banner')).toContainText(/WASM/, { timeout: 30_000 });
    await page.getByRole('button', { name: /50/ }).first().click();
    await expect(status(page)).toHaveText(language === 'en' ? 'Paused at step 50' : '已暂停，第 50 步', { timeout: 60_000 });
    await expectAccessible(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expectAccessible(page);
    await expect(page.locator('body')).not.toContainText(/undefined|NaN/);
  });
}
