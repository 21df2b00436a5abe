import { expect, expectAccessible, test } from './test';

test('the page opens under its policy and says where one is', async ({ page }) => {
  const answer = await page.goto('./');
  expect(answer?.headers()['content-security-policy']).toContain("default-src 'none'");
  await expect(page).toHaveTitle(/Train · Switchyard/);
  await page.getByRole('link', { name: 'About' }).click();
  await expect(page).toHaveTitle(/About · Switchyard/);
  await expect(page.getByRole('link', { name: 'About' })).toHaveAttribute('aria-current', 'page');
});

test('the language changes the whole frame and is remembered', async ({ page }) => {
  await page.goto('./');
  await page.getByRole('button', { name: 'Language' }).click();
  await page.getByRole('menuitemradio', { name: '简体中文' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', /^zh/);
  await expect(page.getByRole('button', { name: '语言' })).toBeVisible();
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('lang', /^zh/);
});

test('the theme changes, is remembered, and follows the system when told to', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('./');
  await page.getByRole('button', { name: 'Theme' }).click();
  await page.getByRole('menuitemradio', { name: 'Dark' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.getByRole('button', { name: 'Theme' }).click();
  await page.getByRole('menuitemradio', { name: 'As the system' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('a question mark shows the shortcuts and puts them away', async ({ page }) => {
  await page.goto('./');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('Everywhere');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
});

for (const language of ['en', 'zh'] as const) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`nothing bars the way in ${language}, ${colorScheme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const view of ['train', 'about']) {
        await page.goto(`./#${view}&lang=${language}`);
        await page.reload();
        await expect(page.getByRole('heading').first()).toBeVisible();
        await expectAccessible(page);
      }
    });
  }
}

test('a broken link is reported and the page still works', async ({ page }) => {
  await page.goto('./#1~train~default~hiddenSize_-1');
  await expect(page.getByText('The link could not be read')).toBeVisible();
  await expect(page.getByText(/Width is −1, but has to lie between 8 and/)).toBeVisible();
  await expect(page).toHaveTitle(/Train · Switchyard/);
});
