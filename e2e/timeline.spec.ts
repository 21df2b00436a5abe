// Moments of a run are kept while it trains, and can be looked at, in the Train view and in the lab.
import type { Page } from '@playwright/test';
import { decision, strip } from './labPage';
import { expect, expectAccessible, test } from './test';
import { figures, open, settings, status, trainFifty, trainOne, type } from './trainPage';

const line = (page: Page) => page.getByRole('region', { name: 'Moments of this run' });
const slider = (page: Page) => line(page).getByRole('slider', { name: 'Moment looked at' });
const LOAD = 'Expert load at this moment, on held-out text';
const load = (page: Page) => page.getByRole('region', { name: LOAD });

test('moments appear while it trains, an earlier one shows what it was, and one can be kept by hand', async ({ page }) => {
  await open(page);
  await trainFifty(page);
  await expect(slider(page)).toHaveAttribute('aria-valuetext', 'Now · step 50');
  // Steps 0, 5, 9, 17 and 33 of 192 tokens each, and now.
  await expect(slider(page)).toHaveAttribute('aria-valuemax', '5', { timeout: 20_000 });
  await slider(page).press('Home');
  await expect(line(page)).toContainText('Step 0 · 0 tokens');
  await expect(load(page)).toContainText('Step 0 ·', { timeout: 30_000 });
  const first = await figures(page, LOAD);
  await slider(page).press('ArrowRight');
  await expect(load(page)).toContainText('Step 5 ·', { timeout: 30_000 });
  expect(await figures(page, LOAD)).not.toEqual(first);
  await expectAccessible(page);
  await line(page).getByRole('button', { name: 'Back to now' }).click();
  await expect(slider(page)).toBeFocused();
  await expect(load(page)).toHaveCount(0);
  await line(page).getByRole('button', { name: 'Keep this moment' }).click();
  await expect(slider(page)).toHaveAttribute('aria-valuemax', '6', { timeout: 20_000 });
});

test('how moments are kept can be set, and the room they have is told', async ({ page }) => {
  await open(page);
  await settings(page, 'Moments kept');
  await expect(page.getByText(/used here/)).toBeVisible();
  // A browser that has hardly been used does not agree.
  await page.getByRole('button', { name: 'Ask the browser to keep it' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'The browser did not agree' })).toBeVisible();
  for (const [bad, why] of [
    ['abc', /Tokens between snapshots is abc, but has to be a whole number/],
    ['-4', /Tokens between snapshots is −4, but has to lie between 0 and/],
  ] as const) {
    await type(page, 'Tokens between snapshots', bad);
    await expect(page.getByRole('alert')).toContainText(why);
  }
  await type(page, 'Tokens between snapshots', '1920');
  await expect(page.getByRole('alert')).toHaveCount(0);
  const before = await page.getByText(/used here/).innerText();
  await expectAccessible(page);
  await trainFifty(page);
  // 0, 1 (three early ones at once), 2, 3, 5, then every ten steps, and now.
  await expect(slider(page)).toHaveAttribute('aria-valuemax', '10', { timeout: 20_000 });
  await expect(page.getByText(/used here/)).not.toHaveText(before);
});

test('a run goes back to an earlier step and repeats it, and branches with another K into a tree', async ({ page }) => {
  await open(page);
  await trainFifty(page);
  const told = (await figures(page, 'Loss'))[33]!;
  await expect(slider(page)).toHaveAttribute('aria-valuemax', '5', { timeout: 20_000 });
  await slider(page).press('End');
  await slider(page).press('ArrowLeft');
  await line(page).getByRole('button', { name: 'Step back to here…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Step back to here…' }).click();
  await expect(status(page)).toContainText('Paused at step 33', { timeout: 60_000 });
  await expect(slider(page)).toBeFocused();
  await expect(page.getByText('With the next step, a piece of its text appears here')).toBeVisible();
  await trainOne(page, 34);
  // Step, its loss, and no validation; the average begins anew only for the eye.
  expect((await figures(page, 'Loss'))[33]!.slice(0, 2)).toEqual(told.slice(0, 2));

  await slider(page).press('Home');
  await expect(load(page)).toContainText('Step 0 ·', { timeout: 30_000 });
  const beginning = await figures(page, LOAD);
  await slider(page).press('ArrowRight');
  await line(page).getByRole('button', { name: 'Branch from here…' }).click();
  const dialog = page.getByRole('dialog');
  await expectAccessible(page);
  await expect(dialog.getByRole('slider', { name: 'Experts per token' })).toHaveAttribute('max', '8');
  for (const beyond of ['9', '200']) {
    await type(page, 'Experts per token', beyond);
    await expect(dialog.getByRole('alert')).toContainText(new RegExp(`Experts per token is ${beyond}, .*\\b8\\b`));
    await expect(dialog.getByRole('button', { name: 'Branch', exact: true })).toBeDisabled();
  }
  await type(page, 'Experts per token', '1');
  const [rate, rateSlider] = (['textbox', 'slider'] as const).map((role) => dialog.getByRole(role, { name: 'Learning rate' }));
  const [was, place] = [await rate!.inputValue(), await rateSlider!.inputValue()];
  await type(page, 'Learning rate', 'abc');
  await expect(dialog.getByRole('alert')).toHaveText('Learning rate is abc, but has to be a number.');
  await expect(rateSlider!).toHaveValue(place);
  await type(page, 'Learning rate', was);
  await dialog.getByRole('button', { name: 'Branch', exact: true }).click();
  await expect(status(page)).toContainText('Paused at step 5', { timeout: 60_000 });
  await expect(slider(page)).toBeFocused();
  await trainOne(page, 6);
  await page.getByRole('button', { name: 'Kept runs' }).click();
  await expect(page.getByText(/from step 5 of .+ · .*2 → 1/)).toBeVisible({ timeout: 20_000 });
  // Its past is that of the run it came from, which stays as it is.
  await slider(page).press('Home');
  await expect(load(page)).toContainText('Step 0 ·', { timeout: 30_000 });
  expect(await figures(page, LOAD)).toEqual(beginning);
  await expect(line(page)).toContainText('of the run');
  await expect(line(page).getByRole('button', { name: 'Branch from here…' })).toBeVisible();
  await expect(line(page).getByRole('button', { name: 'Step back to here…' })).toHaveCount(0);
});

test('the lab follows the line, and saturation, drift and what changed are told of its moments', async ({ page }) => {
  await open(page);
  await trainFifty(page);
  await expect(slider(page)).toHaveAttribute('aria-valuemax', '5', { timeout: 20_000 });
  await slider(page).press('Home');
  await page.getByRole('link', { name: 'Prompt' }).click();
  await expect(slider(page)).toHaveAttribute('aria-valuetext', 'Step 0 · 0 tokens');
  await expect(strip(page)).toBeVisible({ timeout: 30_000 });
  const first = await decision(page).innerText();
  await slider(page).press('End');
  await slider(page).press('ArrowLeft');
  await expect(slider(page)).toHaveAttribute('aria-valuetext', /^Step 33 ·/);
  await expect(page.getByRole('region', { name: 'The prompt, token by token' })).toContainText(/step 33/, { timeout: 30_000 });
  expect(await decision(page).innerText()).not.toBe(first);
  await page.getByRole('link', { name: 'Train' }).click();
  await expect(line(page)).toContainText('training loss, nats');
  await page.getByRole('button', { name: 'Saturation, drift, what changed' }).click();
  await page.getByRole('button', { name: 'Measure', exact: true }).click();
  const changed = page.getByRole('region', { name: 'What changed between two moments' });
  await expect(changed).toContainText(/Held-out loss .* nats a token/, { timeout: 60_000 });
  await expect(changed.getByRole('img', { name: /^Relative drift by kind/ })).toBeVisible({ timeout: 30_000 });
  await expect(changed).toContainText('“Keep this moment” makes the present one choosable too.');
  await expectAccessible(page);
  const saturation = await figures(page, 'Router saturation');
  expect(saturation.map(([step]) => step)).toEqual(['0', '5', '9', '17', '33']);
  expect(saturation.at(-1)!.slice(1)).toEqual(['1', '1']);
  for (const [, ...shares] of saturation) for (const share of shares) expect(Number(share)).toBeGreaterThan(0.1);
  const drift = await figures(page, 'Drift of the weights');
  const moved = drift.map(([, all]) => Number(all));
  expect(moved).toEqual(moved.toSorted((a, b) => a - b));
});
