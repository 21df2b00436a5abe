// What the specs share that take models out and in.
import type { Page } from '@playwright/test';
import { expect, expectAccessible } from './test';

export async function openExchange(page: Page, title = 'Hugging Face files'): Promise<void> {
  const group = page.getByRole('button', { name: title, exact: true });
  if ((await group.getAttribute('aria-expanded')) !== 'true') await group.click();
}

/** Exports with the choices named, and gives the path and name of what the browser downloads. */
export async function exportZip(page: Page, ...choices: string[]): Promise<{ path: string; name: string }> {
  await openExchange(page);
  await page.getByRole('button', { name: 'Export…' }).click();
  const dialog = page.getByRole('dialog');
  for (const choice of choices) await dialog.getByRole('radio', { name: choice }).click({ force: true });
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Write the files' }).click(),
  ]);
  await expect(dialog.getByText(/^Written at step/)).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  return { path: await download.path(), name: download.suggestedFilename() };
}

export const importButton = (page: Page) => page.getByRole('button', { name: 'Import a model…' });

/** @param key pressed on the button in place of a click */
export async function importFiles(page: Page, files: string | string[], key?: 'Enter' | 'Space'): Promise<void> {
  await openExchange(page);
  const button = importButton(page);
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), key ? button.press(key) : button.click()]);
  await chooser.setFiles(files);
}
