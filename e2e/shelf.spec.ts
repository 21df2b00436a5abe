// The page opens on a model that was trained: it writes, shows its routes, and can be looked at from its first step to its last.
import type { Locator, Page } from '@playwright/test';
import { expect, expectAccessible, test } from './test';
import { trainOne } from './trainPage';

const panel = (page: Page): Locator => page.getByRole('region', { name: 'A trained model to look at first' });
const slider = (page: Page): Locator => page.getByRole('slider', { name: 'Moment looked at' });
const strip = (page: Page): Locator => panel(page).getByRole('listbox', { name: 'Text the model read and wrote, by expert' });
const written = async (page: Page): Promise<string> => (await strip(page).innerText()).replace(/\d+\n|\s/g, '');

/** Opens the page bare, as a visitor does. */
async function open(page: Page): Promise<void> {
  await page.goto('./');
  await expect(strip(page)).toBeVisible({ timeout: 45_000 });
}

test('it writes before anything is trained, and fetches no snapshot but the last', async ({ page }) => {
  const fetched: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/model/')) fetched.push(new URL(request.url()).pathname.split('/').at(-1)!);
  });
  await open(page);
  const steps = Number(await slider(page).getAttribute('aria-valuemax')) + 1;
  expect(steps).toBeGreaterThanOrEqual(8);
  expect(fetched).toEqual(['manifest.json', expect.stringMatching(/^step-\d+\.safetensors$/)]);
  const last = await written(page);
  expect(last).toContain('The');
  expect(last.length).toBeGreaterThan(60);

  await slider(page).press('Home');
  await expect(panel(page)).toContainText('step 0, 0 tokens read');
  await expect(panel(page)).toContainText('Written at step 0', { timeout: 30_000 });
  expect(await written(page)).not.toBe(last);
  expect(fetched).toHaveLength(3);
  await expect(page.getByRole('region', { name: 'Expert load at this moment, on held-out text' })).toContainText('Step 0 ·');

  await panel(page).getByRole('button', { name: 'Table' }).click();
  await expect(panel(page).getByRole('row')).toHaveCount(steps + 1);
  await expectAccessible(page);
});

test('the same prompt and step write the same; another prompt, in Chinese, something else', async ({ page }) => {
  await open(page);
  const prompt = panel(page).getByRole('textbox', { name: 'Prompt' });
  const write = panel(page).getByRole('button', { name: 'Write now' });
  const first = await written(page);
  await write.click();
  await expect(write).toBeEnabled();
  await expect(strip(page)).toBeVisible();
  expect(await written(page)).toBe(first);
  await prompt.fill('春江花月夜');
  await write.click();
  await expect(strip(page)).toContainText('春');
  expect(await written(page)).not.toBe(first);
});

test('its load and bias are measured when that is asked for, in the place where they appear', async ({ page }) => {
  await open(page);
  const load = page.getByRole('region', { name: 'Expert load at this moment, on held-out text' });
  await expect(load).toContainText('Not measured yet');
  await load.getByRole('button', { name: 'Measure load and bias' }).click();
  await expect(slider(page)).toBeFocused();
  await expect(load).toContainText(/held-out tokens · .* nats a token/, { timeout: 45_000 });
  await expect(page.getByRole('region', { name: 'Balance bias at this moment' })).toContainText('mean of the layer');
});

test('it gives way to a run of one’s own', async ({ page }) => {
  await open(page);
  await trainOne(page, 1, 30_000);
  await expect(panel(page)).toBeHidden();
});
