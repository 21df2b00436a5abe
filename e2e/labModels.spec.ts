// The lab on models that are not the run itself: one that was taken in, a moment of the run, and the software WebGPU adapter.
import type { Page } from '@playwright/test';
import { exportZip, importFiles } from './exchangePage';
import { changes, decision, effect, open, strip } from './labPage';
import { expect, test } from './test';
import { chooseBackend, stepShown, TINY, trainOne } from './trainPage';

const PROMPT = 'the sea and 春江';
const asked = (page: Page) => page.getByRole('region', { name: 'The prompt, token by token' });
const add = (page: Page) => changes(page).getByRole('button', { name: 'Add the change' });

async function askOf(page: Page, model: RegExp, heading: RegExp): Promise<void> {
  await page.getByRole('button', { name: /Model that reads it$/ }).click();
  await page.getByRole('option', { name: model }).click();
  await expect(asked(page)).toContainText(heading, { timeout: 45_000 });
}

/** Every token with its expert, the decision of the last one, and what a muted expert changes. */
async function picture(page: Page): Promise<readonly string[]> {
  await expect(effect(page)).toContainText('Mean surprise', { timeout: 45_000 });
  await strip(page).focus();
  await page.keyboard.press('End');
  return [await strip(page).innerText(), await decision(page).getByRole('table').innerText(), await effect(page).innerText()];
}

test('a model that was taken in, and a moment that was kept, answer as the run they are of', async ({ page }) => {
  await open(page);
  await page.getByRole('link', { name: 'Train' }).click();
  const { path } = await exportZip(page);
  await importFiles(page, path);
  await expect(page.getByRole('dialog', { name: 'Imported model' }).getByText('as here')).toBeVisible({ timeout: 45_000 });
  await page.keyboard.press('Escape');
  const line = page.getByRole('region', { name: 'Moments of this run' });
  await line.getByRole('button', { name: 'Keep this moment' }).click();
  await expect(line.getByRole('slider')).toHaveAttribute('aria-valuemax', '6', { timeout: 20_000 });
  await page.getByRole('link', { name: 'Prompt' }).click();
  await page.getByRole('textbox', { name: 'Prompt' }).fill(PROMPT);
  await expect(strip(page)).toContainText('春', { timeout: 45_000 });
  await add(page).click();
  const live = await picture(page);
  await askOf(page, /the imported one/, /the imported one/);
  expect(await picture(page)).toEqual(live);
  // A moment keeps its weights as bfloat16: the experts are the same, the last digits are not.
  await askOf(page, /a snapshot, step 50/, /a snapshot/);
  expect((await picture(page))[0]).toBe(live[0]);
  await askOf(page, /a snapshot, step 0/, /step 0/);
  expect((await picture(page))[0]).not.toBe(live[0]);
});

test('on the software WebGPU adapter the run is asked and changed like on WASM', async ({ page }) => {
  test.setTimeout(300_000);
  await page.goto(`./#${TINY}`);
  await chooseBackend(page, /WebGPU, software adapter/);
  await expect(page.getByRole('banner')).toContainText('WebGPU, software adapter', { timeout: 90_000 });
  await trainOne(page, 1, 120_000);
  await page.getByRole('link', { name: 'Prompt' }).click();
  await page.getByRole('textbox', { name: 'Prompt' }).fill(PROMPT);
  await expect(strip(page)).toContainText('春', { timeout: 90_000 });
  await add(page).click();
  await expect(effect(page)).toContainText('Mean surprise', { timeout: 90_000 });
  await expect(page.locator('body')).not.toContainText(/undefined|NaN/);
  expect(await stepShown(page)).toBe(1);
});
