// The Train view as a person uses it: a real model trains in the page, and the page says what it does.
import type { Locator, Page } from '@playwright/test';
import { expect, expectAccessible, test } from './test';

/** A model so small that a step takes moments, two MoE layers of eight experts. */
const TINY =
  '1~train~default~hiddenSize_32~headDim_16~numAttentionHeads_2~numKeyValueHeads_2~intermediateSize_64~moeIntermediateSize_16~numHiddenLayers_3~nRoutedExperts_8~batchSize_4~sequenceLength_48~validationEvery_10~sampleEvery_10~sampleTokens_8';

const heatmap = (page: Page, what: 'load' | 'bias'): Locator =>
  page.getByLabel(
    what === 'load' ? 'Relative load of every expert in every MoE layer' : 'Bias of every expert in every MoE layer',
  );
const status = (page: Page): Locator => page.getByRole('status').first();

/** Steps finished, as the header says. */
async function stepShown(page: Page): Promise<number> {
  const text = await page.getByRole('banner').innerText();
  return Number(/step ([\d,]+)/.exec(text)?.[1]?.replace(/,/g, '') ?? 0);
}

async function open(page: Page, hash = TINY): Promise<void> {
  await page.goto(`./#${hash}`);
  await expect(page.getByRole('banner')).toContainText(/WASM/, { timeout: 30_000 });
}

/** The smoothed training loss as the legend reads it. */
async function lossShown(page: Page): Promise<string> {
  const text = await page
    .getByText(/^Training/)
    .filter({ hasText: /\d/ })
    .first()
    .innerText();
  return text.replace(/\s+/g, ' ');
}

async function settings(page: Page, group: string): Promise<void> {
  await page.getByRole('button', { name: group, exact: true }).click();
}

test('play trains: a step is seen within three seconds, figures move, pause stops', async ({ page }) => {
  await open(page, 'train');
  // Warm: engine and text are loaded, as they are by the time a person has looked around.
  await page.getByRole('button', { name: 'Play' }).first().click();
  await expect.poll(() => stepShown(page), { timeout: 3_000, intervals: [50] }).toBeGreaterThan(0);
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
    await page.getByRole('button', { name: '50 steps' }).click();
    await expect(status(page)).toContainText('Paused at step 50', { timeout: 60_000 });
    return lossShown(page);
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
  expect(await lossShown(page)).not.toBe(first);
  await page.keyboard.press('r');
  await expect(status(page)).toContainText('Ready at step 0');
  expect(await fifty()).toBe(first);
});

test('the bias can be switched off and on while it trains, and the log says when', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: '50 steps' }).click();
  await expect(status(page)).toContainText('Paused at step 50', { timeout: 60_000 });
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
  await page.getByRole('button', { name: /^Run log/ }).click();
  await expect(page.getByText(/after step 50/)).toBeVisible();
  await expect(page.getByText(/after step 51/)).toBeVisible();
});

test('cells are walked with the keyboard, a reading keeps up with training, an expert lights up everywhere', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: '50 steps' }).click();
  await expect(status(page)).toContainText('Paused at step 50', { timeout: 60_000 });
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
  await page.getByRole('button', { name: '50 steps' }).click();
  await expect(status(page)).toContainText('Paused at step 50', { timeout: 60_000 });
  await expect(page.getByText(/^春天/).first()).toBeVisible();
  const panel = page.getByRole('region', { name: 'Expert load, relative to the fair share' });
  await panel.getByRole('button', { name: /table/i }).click();
  await expect(panel.getByRole('table')).toContainText('Layer 2');
  const scrubber = page.getByRole('slider', { name: /Step shown/ });
  await scrubber.focus();
  for (let back = 0; back < 5; back++) await page.keyboard.press('ArrowLeft');
  await expect(page.getByText(/Step 45 · .* training tokens/).first()).toBeVisible();
});

test('a preset without experts says so; a value out of bounds is named; a link carries the setup', async ({
  page,
  context,
  baseURL,
}) => {
  await open(page, 'train');
  await page.getByRole('button', { name: /Preset/ }).click();
  await page
    .getByRole('option')
    .filter({ hasText: /dense|Without experts/i })
    .first()
    .click();
  await expect(page.getByText('This model has no experts')).toBeVisible();
  await settings(page, 'Batch and seed');
  const seed = page.getByRole('textbox', { name: /Seed/ });
  await seed.fill('77');
  await seed.press('Enter');
  await expect.poll(() => page.url()).toContain('seed_77');
  const other = await context.newPage();
  await other.goto(page.url());
  await other.getByRole('button', { name: 'Batch and seed', exact: true }).click();
  await expect(other.getByRole('textbox', { name: /Seed/ })).toHaveValue('77');
  await other.close();
  expect(baseURL).toBeTruthy();
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
    await page.keyboard.press('s');
    await page
      .getByRole('button', { name: language === 'en' ? '50 steps' : /50/ })
      .first()
      .click();
    await expect(status(page)).toContainText('51', { timeout: 60_000 });
    await expectAccessible(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expectAccessible(page);
    await expect(page.locator('body')).not.toContainText(/undefined|NaN/);
  });
}
