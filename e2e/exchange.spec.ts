// A model leaves the page as Hugging Face's files, is read by a reader of another project, and comes back by picker and by drop.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { safetensors as otherReader } from '@jax-js/loaders';
import { BlobReader, BlobWriter, ZipReader } from '@zip.js/zip.js/lib/zip-core-native.js';
import type { Page } from '@playwright/test';
import { exportZip, importButton, importFiles, openExchange } from './exchangePage';
import { expect, expectAccessible, test } from './test';
import { open, trainOne } from './trainPage';

const fixture = (file: string): string => fileURLToPath(new URL(`../src/model/fixtures/${file}`, import.meta.url));

type Tensors = ReturnType<typeof otherReader.parse>['tensors'];

/** The files of an exported zip, and its tensors by a reader of another project. */
async function contents(path: string): Promise<{ names: string[]; tensors: Tensors }> {
  const names: string[] = [];
  let tensors: Tensors = {};
  const reader = new ZipReader(new BlobReader(new Blob([await readFile(path)])), { useWebWorkers: false });
  for await (const entry of reader.getEntriesGenerator()) {
    names.push(entry.filename);
    if (entry.directory || entry.filename !== 'model.safetensors') continue;
    const weights = await (await entry.getData(new BlobWriter())).arrayBuffer();
    tensors = otherReader.parse(new Uint8Array(weights)).tensors;
  }
  return { names, tensors };
}

test('the model of a run goes out in a zip, and comes back with its loss and its text', async ({ page }) => {
  await open(page);
  await trainOne(page, 1);
  const { path, name } = await exportZip(page);
  expect(name).toMatch(/^[a-z]+-[a-z]+-step-1\.zip$/);
  const { names, tensors } = await contents(path);
  expect(tensors['model.layers.1.mlp.experts.7.down_proj.weight']).toMatchObject({ dtype: 'F32', shape: [32, 16] });
  expect(names).toEqual(expect.arrayContaining(['README.md', 'config.json', 'tokenizer.json', 'model.safetensors']));

  await importFiles(page, path);
  const dialog = page.getByRole('dialog', { name: 'Imported model' });
  await expect(dialog.getByText('as here')).toBeVisible();
  await expect(dialog.getByText('2 of 8 routed, 2 shared')).toBeVisible();
  await expect(dialog.getByText(/nats a token, on [\d,]+ tokens/)).toBeVisible({ timeout: 60_000 });
  await expect(dialog.getByText(/^The old man looked at the sea and.+/s)).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole('textbox', { name: 'Prompt' }).fill('春天');
  await dialog.getByRole('button', { name: 'Write', exact: true }).click();
  await expect(dialog.getByText(/^春天.+/s)).toBeVisible();
});

test('with an earlier moment looked at, that one goes out, and the run as it is now when one says so', async ({ page }) => {
  await open(page);
  for (const step of [1, 2]) await trainOne(page, step);
  const line = page.getByRole('region', { name: 'Moments of this run' });
  await line.getByRole('button', { name: 'Keep this moment' }).click();
  const slider = line.getByRole('slider', { name: 'Moment looked at' });
  await expect(slider).toHaveAttribute('aria-valuemax', '2', { timeout: 20_000 });
  await trainOne(page, 3);
  await slider.press('End');
  await slider.press('ArrowLeft');
  await expect(line).toContainText('Step 2 ·');
  const moment = await exportZip(page);
  const now = await exportZip(page, 'Step 3, now');
  expect(moment.name).toMatch(/-step-2\.zip$/);
  expect(now.name).toMatch(/-step-3\.zip$/);
  const name = 'model.layers.1.mlp.experts.7.down_proj.weight';
  const [then, later] = [(await contents(moment.path)).tensors[name]!, (await contents(now.path)).tensors[name]!];
  expect([then.shape, later.shape]).toEqual([
    [32, 16],
    [32, 16],
  ]);
  expect(then.data).not.toEqual(later.data);
});

test('a model that comes as loose files is shown with its facts; one that lacks a file is refused with the reason', async ({
  page,
}) => {
  await open(page);
  const files = [fixture('tiny-b/config.json'), fixture('tiny-b/model.safetensors')];
  await importFiles(page, files[1]!);
  await expect(page.getByRole('alert').filter({ hasText: 'config.json: missing' })).toBeVisible();
  await importFiles(page, files, 'Enter');
  const dialog = page.getByRole('dialog', { name: 'Imported model' });
  await expect(dialog.getByText('4 of 16 routed, 1 shared')).toBeVisible();
  await expect(dialog.getByText('none came along')).toBeVisible();
  await expect(dialog.getByText(/Without tokenizer.json/)).toBeVisible();
  await expect(page.getByText('config.json: missing')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(importButton(page)).toBeFocused();
});

/** Drops a file or folder of the disk where models are taken in, as the browser sees it done by hand. */
async function drop(page: Page, path: string): Promise<void> {
  const zone = page.getByText('or drop its files, its folder or a zip here');
  await zone.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await zone.boundingBox())!;
  const browser = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await browser.send('Input.dispatchDragEvent', { type, x: x + width / 2, y: y + height / 2, data });
}

test('what is dropped is read as what is chosen: a file, and a whole folder', async ({ page }, info) => {
  await open(page);
  await openExchange(page);
  const config = await readFile(fixture('tiny-a/config.json'), 'utf8');
  const path = info.outputPath('config.json');
  await writeFile(path, config.replace('"dots1"', '"llama"'));
  await drop(page, path);
  await expect(page.getByRole('alert').filter({ hasText: 'model_type is llama, but has to be one of: dots1' })).toBeVisible();
  await drop(page, fixture('tiny-a'));
  await expect(page.getByRole('dialog', { name: 'Imported model' }).getByText('3 of 8 routed, 2 shared')).toBeVisible();
});

test('the files come one by one where one wants them so, in another number type', async ({ page }) => {
  await open(page);
  await trainOne(page, 1);
  await openExchange(page);
  await page.getByRole('button', { name: 'Export…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('bfloat16', { exact: true }).click();
  await expect(dialog.getByText('Rounded to 8 significant bits')).toBeVisible();
  await dialog.getByText('One by one', { exact: true }).click();
  await dialog.getByRole('button', { name: 'Write the files' }).click();
  await expect(dialog.getByText(/^Ready, of step 1: save each file/)).toBeVisible();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Download config.json' }).click(),
  ]);
  const config = JSON.parse(await readFile(await download.path(), 'utf8')) as Record<string, unknown>;
  expect(config).toMatchObject({ model_type: 'dots1', torch_dtype: 'bfloat16', hidden_size: 32, n_routed_experts: 8 });
});

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    test('nothing bars the way in Chinese', async ({ page }) => {
      await page.goto('./#train&lang=zh');
      await expect(page.getByRole('banner')).toContainText(/WASM/, { timeout: 30_000 });
      await expect(page.getByRole('listbox')).toBeVisible({ timeout: 30_000 });
      await openExchange(page, 'Hugging Face 文件');
      await page.getByRole('button', { name: '导入模型……' }).scrollIntoViewIfNeeded();
      await expectAccessible(page);
    });
  });
}
