// Nothing bars the way when everything that folds, turns into a table or comes to the front has done so.
import type { Locator, Page } from '@playwright/test';
import type { Language } from '../src/text/language';
import { translate } from '../src/text/translate';
import type { TextKey } from '../src/text/catalogue';
import { expect, expectAccessible, test } from './test';
import { status, TINY } from './trainPage';

/** Presses every button of `buttons` once, the last first: a pressed one may leave their number. */
async function pressAll(buttons: Locator): Promise<number> {
  const count = await buttons.count();
  for (let left = count; left > 0; left--) await buttons.nth(left - 1).click();
  return count;
}

async function expectAccessibleInBothThemes(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme);
    await expectAccessible(page);
  }
}

for (const language of ['en', 'zh'] satisfies Language[]) {
  test(`everything opened leaves the way free in ${language}, light and dark`, async ({ page }) => {
    test.setTimeout(240_000);
    const t = (key: TextKey, params = {}): string => translate(language, key, params);
    const button = (key: TextKey): Locator => page.getByRole('button', { name: t(key), exact: true });
    await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: 'light' });
    await page.goto(`./#${TINY}&lang=${language}`);
    await page.reload();
    await expect(page.getByRole('banner')).toContainText(/WASM/, { timeout: 30_000 });
    await page.getByRole('button', { name: t('train.stepMany', { count: 50 }) }).click();
    await expect(status(page)).toHaveText(t('train.phase.paused', { step: 50 }), { timeout: 60_000 });

    const folded = page.locator(':is(h2, h3, h4) > button[aria-expanded="false"]');
    expect(await pressAll(folded)).toBeGreaterThanOrEqual(12);
    await expect(folded).toHaveCount(0);
    const loss = page.getByRole('region', { name: t('train.loss.title'), exact: true });
    await loss.getByRole('button', { name: `${t('train.loss.view.overall')} ${t('train.loss.view')}` }).click();
    await page.getByRole('option', { name: t('train.loss.view.latest') }).click();
    await expect(loss.getByRole('img').locator('svg').first()).toBeVisible();
    await expectAccessibleInBothThemes(page);

    for (const key of ['train.sample.older', 'train.balance.maxVio.about'] as const) {
      await button(key).click();
      await expect(page.getByRole('dialog')).toBeVisible();
      await expectAccessibleInBothThemes(page);
      await page.keyboard.press('Escape');
      await expect(page.getByRole('dialog')).toBeHidden();
    }

    await page.keyboard.press('?');
    await expect(page.getByRole('dialog')).toBeVisible();
    await expectAccessibleInBothThemes(page);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();

    const load = page.getByRole('region', { name: t('train.load.title') });
    await load.getByRole('button', { name: t('components.panel.enlarge') }).click();
    await expect(button('components.panel.restore')).toBeVisible();
    await expectAccessibleInBothThemes(page);
    await page.keyboard.press('Escape');
    await expect(button('components.panel.restore')).toBeHidden();

    expect(await pressAll(button('components.panel.table'))).toBeGreaterThanOrEqual(7);
    await expect(button('components.panel.table')).toHaveCount(0);
    await expectAccessibleInBothThemes(page);
    await expect(page.locator('body')).not.toContainText(/undefined|NaN/);
  });
}
