// What the specs of the Train view share: a tiny model, and the page's controls and figures as a person finds them.
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import { expect } from './test';

/** A model so small that a step takes moments, two MoE layers of eight experts. */
export const TINY =
  '1~train~default~hiddenSize_32~headDim_16~numAttentionHeads_2~numKeyValueHeads_2~intermediateSize_64~moeIntermediateSize_16~numHiddenLayers_3~nRoutedExperts_8~batchSize_4~sequenceLength_48~validationEvery_10~sampleEvery_10~sampleTokens_8';

/** The rail's own word: notices of the page are statuses too. */
export const status = (page: Page): Locator => page.locator('span[role="status"]').first();

/** Steps finished, as the header says. */
export async function stepShown(page: Page): Promise<number> {
  const text = await page.getByRole('banner').innerText();
  return Number(/step ([\d,]+)/.exec(text)?.[1]?.replace(/,/g, '') ?? 0);
}

/** Opens the page at `hash` and waits for the engine it starts by itself, and for the view, which is drawn meanwhile and hears the keys. */
export async function open(page: Page, hash = TINY): Promise<void> {
  await page.goto(`./#${hash}`);
  await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeAttached();
  await expect(page.getByRole('banner')).toContainText(/WASM/, { timeout: 30_000 });
}

/** Types into the field labelled `label`. */
export async function type(page: Page, label: string, value: string): Promise<void> {
  const field = page.getByRole('textbox', { name: label, exact: true });
  await field.fill(value);
  await field.press('Enter');
}

export async function trainFifty(page: Page): Promise<void> {
  await page.getByRole('button', { name: '50 steps' }).click();
  await expect(status(page)).toContainText('Paused at step 50', { timeout: 60_000 });
}

/** Trains one step, which is to be step `expected`. */
export async function trainOne(page: Page, expected: number, timeout = 15_000): Promise<void> {
  await page.getByRole('button', { name: 'One step' }).click();
  await expect(status(page)).toContainText(`Paused at step ${expected}`, { timeout });
}

export async function settings(page: Page, group: string): Promise<void> {
  await page.getByRole('button', { name: group, exact: true }).click();
}

/** Chooses an entry of the backend menu, and confirms where steps would be lost. */
export async function chooseBackend(page: Page, name: RegExp): Promise<void> {
  const losesSteps = (await stepShown(page)) > 0;
  await page.getByRole('banner').getByRole('button', { name: / · / }).click();
  await page.getByRole('menuitemradio', { name }).click();
  if (losesSteps) await page.getByRole('button', { name: 'Restart there' }).click();
}

/** The table behind the panel named `panel` as the page exports it, at full precision: a row's cells below the heading. */
export async function figures(page: Page, panel: string): Promise<string[][]> {
  await page.getByRole('region', { name: panel, exact: true }).getByRole('button', { name: 'Export' }).first().click();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'CSV' }).click()]);
  const lines = (await readFile(await file.path(), 'utf8')).replace('\ufeff', '').trimEnd().split('\r\n');
  return lines.slice(1).map((line) => line.split(','));
}
