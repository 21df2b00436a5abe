// Comparing in the prompt lab, prompts that are kept, and everything that leaves the page: read back and held against what is shown.
import { readFile } from 'node:fs/promises';
import type { Download, Locator, Page } from '@playwright/test';
import { parquetReadObjects } from 'hyparquet';
import { openZip } from '../src/checkpoint/exchange/zip';
import { expect, expectAccessible, test } from './test';

const SLOW = { timeout: 60_000 };
const strip = (page: Page) => page.getByRole('listbox', { name: 'The prompt, token by token' });
const region = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const COMPARE = 'Compare: who does the work on each side?';
const PROMPT = 'Old king, “two” words';

async function open(page: Page): Promise<void> {
  await page.goto(`./#lab&prompt=${encodeURIComponent(PROMPT)}`);
  await expect(strip(page)).toContainText('ing', SLOW);
}

async function choose(page: Page, field: Locator, entry: string | RegExp): Promise<void> {
  await field.click();
  await page.getByRole('option', { name: entry, exact: typeof entry === 'string' }).click();
}

async function saved(page: Page, press: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> {
  const [download] = (await Promise.all([page.waitForEvent('download', SLOW), press()])) as [Download, void];
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

const exportTrace = (page: Page, format: RegExp) =>
  saved(page, async () => {
    await page.getByRole('button', { name: 'Export the trace' }).click();
    await page.getByRole('menuitem', { name: format }).click();
  });

const exportFigure = (page: Page, panel: string, format: RegExp) =>
  saved(page, async () => {
    await region(page, panel).getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: format }).click();
  });

test('two languages use other experts than chance would have it, and a link shows the same comparison', async ({
  page,
  browser,
}) => {
  await open(page);
  const panel = region(page, COMPARE);
  await panel.getByRole('button', { name: 'Compare', exact: true }).click();
  await expect(panel).toContainText('all domains, Chinese, the page’s own, step 5,000', SLOW);
  await panel.getByRole('button', { name: 'Table' }).click();
  await expect(panel.getByRole('row')).toHaveCount(4);
  for (const row of (await panel.getByRole('row').allInnerTexts()).slice(1)) {
    const [, divergence, dealt] = row.split(/\s+/).map(Number);
    expect(divergence).toBeGreaterThan(2 * dealt!);
  }
  const [said, figures] = [await panel.locator('header').innerText(), await panel.getByRole('table').innerText()];
  await expect(page).toHaveURL(/compare=/);
  const fresh = await (await browser.newContext()).newPage();
  await fresh.goto(page.url());
  const same = region(fresh, COMPARE);
  await expect(same.locator('header')).toContainText(said.split('\n')[1]!, SLOW);
  await same.getByRole('button', { name: 'Table' }).click();
  expect(await same.getByRole('table').innerText()).toBe(figures);
  await fresh.context().close();
});

test('one prompt in two snapshots shares more choices late than chance, and all with itself', async ({ page }) => {
  await open(page);
  const panel = region(page, COMPARE);
  for (const side of ['A', 'B'])
    await choose(page, panel.getByRole('button', { name: new RegExp(`Texts of side ${side}`) }), 'the prompt above');
  const start = panel.getByRole('button', { name: 'Compare', exact: true });
  await start.click();
  await expect(panel.getByRole('img', { name: /^Choices in common/ })).toHaveAccessibleName(/Layer 1 100%.*Layer 3 100%/, SLOW);
  await choose(page, panel.getByRole('button', { name: /Model of side B/ }), 'the page’s own, step 0');
  await start.click();
  await expect(panel.getByRole('img', { name: /^Choices in common/ })).not.toHaveAccessibleName(/100%/, SLOW);
  await expect(region(page, 'Where the sides differ').getByRole('grid')).toBeVisible();
});

test('a prompt of one’s own is kept under its name, found again after a reload, renamed and let go', async ({ page }) => {
  await open(page);
  const library = page.getByRole('dialog');
  const openOwn = async () => {
    await page.getByRole('button', { name: 'Prompt library' }).click();
    if (!(await library.getByRole('button', { name: 'my prompts Domain' }).isVisible()))
      await choose(page, library.getByRole('button', { name: /Domain/ }), 'my prompts');
  };
  await openOwn();
  await library.getByRole('textbox').fill('kings');
  await page.keyboard.press('Enter');
  await expect(library.getByRole('button', { name: /^kings/ })).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await page.getByRole('textbox', { name: 'Prompt' }).fill('other');
  await page.reload();
  await expect(strip(page)).toBeVisible(SLOW);
  await page.getByRole('button', { name: 'Prompt library' }).click();
  await library.getByRole('button', { name: 'Rename kings' }).click();
  await library.getByRole('textbox').first().fill('queens');
  await page.keyboard.press('Enter');
  await library.getByRole('button', { name: /^queens/ }).click();
  await expect(page.getByRole('textbox', { name: 'Prompt' })).toHaveValue(PROMPT);
  await expect(strip(page)).toContainText('ing', SLOW);
  await page.getByRole('button', { name: 'Prompt library' }).click();
  await library.getByRole('button', { name: 'Delete queens' }).click();
  await expect(library).toContainText('None yet');
});

test('the trace leaves as JSON, CSV and Parquet that agree with each other', async ({ page }) => {
  await open(page);
  const json = await exportTrace(page, /^JSON/);
  expect(json.name).toBe('trace-shipped-step-5000.json');
  const trace = JSON.parse(json.bytes.toString()) as {
    text: string;
    tokens: { id: number; piece: string }[];
    baseline: { layers: number; chosen: number[][][]; weights: number[][][] };
  };
  expect(trace.text).toBe(PROMPT);
  const { layers, chosen, weights } = trace.baseline;
  const csv = await exportTrace(page, /^CSV/);
  const lines = csv.bytes.toString().trim().split('\r\n');
  expect(lines).toHaveLength(1 + layers * trace.tokens.length * 2);
  const zip = await exportTrace(page, /^Parquet/);
  const folder = await openZip(new Blob([new Uint8Array(zip.bytes)]), zip.name);
  if (!folder.ok) throw new Error(folder.error.detail);
  for (let layer = 0; layer < layers; layer++) {
    const [, packed] = [...folder.value].find(([name]) => name.endsWith(`layer_${layer + 1}.parquet`))!;
    const file = await packed.read();
    if (!file.ok) throw new Error(file.error.detail);
    const rows = (await parquetReadObjects({ file: await file.value.arrayBuffer() })) as {
      scores: number[];
      indices: number[];
    }[];
    expect(rows.map(({ indices }) => indices)).toEqual(chosen[layer]);
    rows.forEach(({ scores }, token) =>
      scores.forEach((score, k) => expect(Math.abs(score - weights[layer]![token]![k]!)).toBeLessThan(5e-4)),
    );
  }
});

test('figures leave as shapes and as pixels, with what they are of', async ({ page }) => {
  await open(page);
  const routes = await exportFigure(page, 'Routes: tokens × layers', /SVG/);
  expect(routes.name).toBe('routes-shipped-step-5000.svg');
  const strip = await exportFigure(page, 'The prompt, token by token', /SVG/);
  const map = await exportFigure(page, 'Experts × tokens, layer 1', /SVG/);
  for (const { bytes } of [routes, strip, map]) {
    const svg = bytes.toString();
    expect(svg).not.toContain('<image');
    expect(svg).toContain('step 5,000');
    expect(svg).toContain('as it was trained');
  }
  // Two experts of each token, the end token included.
  const tokens = await page.getByRole('listbox', { name: 'The prompt, token by token' }).getByRole('option').count();
  expect(map.bytes.toString().match(/<rect /g)!.length).toBeGreaterThanOrEqual(2 * tokens);
  const opened = await page.context().newPage();
  const shown = await opened.evaluate(
    (source) =>
      new Promise<number[]>((resolve, reject) => {
        const image = new Image();
        image.onload = () => resolve([image.naturalWidth, image.naturalHeight]);
        image.onerror = () => reject(new Error('it does not open'));
        image.src = source;
      }),
    `data:image/svg+xml;base64,${routes.bytes.toString('base64')}`,
  );
  expect(shown[0]).toBeGreaterThan(300);
  const png = await exportFigure(page, 'Routes: tokens × layers', /PNG/);
  expect([png.name, png.bytes.subarray(1, 4).toString()]).toEqual(['routes-shipped-step-5000.png', 'PNG']);
});

for (const language of ['en', 'zh'] as const) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`a comparison bars nobody’s way in ${language}, ${colorScheme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.goto(`./#lab&lang=${language}&compare=lab,set.law.zh,lab,set.law.en`);
      await expect(
        page.getByRole('region', { name: language === 'en' ? 'Where the sides differ' : '两侧的差别在哪里' }),
      ).toBeVisible(SLOW);
      await expectAccessible(page);
      await expect(page.locator('body')).not.toContainText(/undefined|NaN/);
    });
  }
}
