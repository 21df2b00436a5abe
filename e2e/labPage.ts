// What the specs of the prompt lab share: its panels, and how a change is chosen.
import type { Locator, Page } from '@playwright/test';
import { expect } from './test';
import { TINY, trainFifty } from './trainPage';

export const strip = (page: Page): Locator => page.getByRole('listbox', { name: 'The prompt, token by token' });
export const decision = (page: Page): Locator => page.getByRole('region', { name: 'One decision' });
export const changes = (page: Page): Locator => page.getByRole('region', { name: 'Changes to the routing' });
export const effect = (page: Page): Locator => changes(page).getByRole('status');

/** A run of fifty steps, then the lab. */
export async function open(page: Page): Promise<void> {
  await page.goto(`./#${TINY}`);
  await trainFifty(page);
  await page.getByRole('link', { name: 'Prompt' }).click();
  await expect(strip(page)).toBeVisible({ timeout: 15_000 });
}

export async function choose(page: Page, label: string, entry: string): Promise<void> {
  await changes(page)
    .getByRole('button', { name: new RegExp(`${label}$`) })
    .click();
  await page.getByRole('option', { name: entry, exact: true }).click();
}
