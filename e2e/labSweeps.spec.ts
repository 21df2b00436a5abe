// A sweep on texts of one's choice, and its curve as a picture made of shapes.
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { open } from './labPage';
import { expect, expectAccessible, test } from './test';
import { figures } from './trainPage';

const panel = (page: Page) => page.getByRole('region', { name: 'What the model would lose' });

test('the loss by number of experts is measured on texts typed here, each read alone, and leaves as shapes', async ({ page }) => {
  await open(page);
  await panel(page).getByRole('radio', { name: 'other numbers of experts' }).press(' ');
  await panel(page)
    .getByRole('button', { name: /On which texts$/ })
    .click();
  await page.getByRole('option', { name: 'other texts, typed here' }).click();
  await panel(page).getByRole('textbox').fill('the sea and the ship\n\n春江潮水\n\nthe old man');
  await expectAccessible(page);
  await panel(page).getByRole('button', { name: 'Measure', exact: true }).click();
  await expect(panel(page)).toContainText(/tokens of 3 texts, each read alone, step 50/, { timeout: 60_000 });
  // Twice the trained K, which is 2; nothing changes where K is as it was trained.
  const rows = await figures(page, 'What the model would lose');
  expect(rows.map(([K]) => K)).toEqual(['1', '2', '3', '4']);
  expect(Number(rows[1]![2])).toBe(0);
  for (const at of [0, 2, 3]) expect(Number(rows[at]![2])).not.toBe(0);

  await panel(page).getByRole('button', { name: 'Export' }).click();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: /SVG/ }).click()]);
  const svg = await readFile(await file.path(), 'utf8');
  expect(svg).not.toContain('<image');
  expect(svg.match(/<path /g)!.length).toBeGreaterThan(10);
  expect(svg).toContain('text-anchor="end"');
  // The row of controls stays out, and so does its room.
  const shown = (await panel(page).boundingBox())!.height;
  expect(Number(/<svg[^>]* height="(\d+)"/.exec(svg)![1])).toBeLessThan(shown);
});
