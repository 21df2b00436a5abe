// The prompt lab from the first question to a link that a friend opens, also while a run trains; and whatever may be typed into it.
import type { Browser, Page } from '@playwright/test';
import { changes, decision, effect, open, strip } from './labPage';
import { expect, test } from './test';
import { stepShown } from './trainPage';

/** Asks in both languages, mutes the busiest expert, writes, goes on from another token; opens the link elsewhere and finds the same. */
async function tourOf(page: Page, browser: Browser): Promise<void> {
  const prompt = page.getByRole('textbox', { name: 'Prompt' });
  await prompt.fill('春江潮水连海平');
  await expect(strip(page)).toContainText('春');
  await prompt.fill('The people of the United States');
  await expect(strip(page)).toContainText('people');
  await changes(page).getByRole('button', { name: 'Add the change' }).click();
  await expect(changes(page).getByRole('button', { name: /^Remove: expert \d+ says nothing/ })).toBeVisible();
  await expect(effect(page)).toContainText('Mean surprise');
  const texts = page.getByRole('region', { name: 'What it writes' });
  await texts.getByRole('textbox', { name: 'Length' }).fill('10');
  await texts.getByRole('textbox', { name: 'Length' }).press('Enter');
  const whole = texts.getByRole('button', { name: /^Read these/ });
  await page.getByRole('button', { name: 'Write on' }).click();
  await expect(whole).toHaveCount(2, { timeout: 60_000 });
  await texts.getByRole('listbox', { name: 'The text with the change' }).getByRole('option').nth(2).click();
  await texts
    .getByRole('button', { name: /^Go on with/ })
    .nth(1)
    .click();
  await expect(strip(page).getByRole('option')).toHaveCount(7 + 3, { timeout: 60_000 });
  await expect(whole).toHaveCount(2, { timeout: 60_000 });
  await strip(page).getByRole('option').nth(4).click();
  await expect(page).toHaveURL(/prompt=The.*&after=\d+\.\d+\.\d+&changes=m_.*&write=10_.*&model=shipped.*&token=4/);
  const picture = async (where: Page) => [
    await effect(where).innerText(),
    await strip(where).innerText(),
    await decision(where).innerText(),
  ];
  const [shown, written] = [await picture(page), await texts.getByRole('listbox').last().innerText()];
  const other = await browser.newContext({ locale: 'en-GB' });
  const fresh = await other.newPage();
  await fresh.goto(page.url());
  await expect(effect(fresh)).toHaveText(shown[0]!, { timeout: 60_000 });
  expect(await picture(fresh)).toEqual(shown);
  await fresh.getByRole('button', { name: 'Write on' }).click();
  const again = fresh.getByRole('region', { name: 'What it writes' });
  await expect(again.getByRole('button', { name: /^Read these/ })).toHaveCount(2, { timeout: 60_000 });
  expect(await again.getByRole('listbox').last().innerText()).toBe(written);
  await other.close();
}

test('asked, changed, written, branched: the link shows it all in a fresh browser', async ({ page, browser }) => {
  await page.goto('./#lab');
  await expect(strip(page)).toBeVisible({ timeout: 45_000 });
  await tourOf(page, browser);
});

test('the same while a run trains', async ({ page, browser }) => {
  await open(page);
  await page.getByRole('button', { name: /Model that reads it$/ }).click();
  await page.getByRole('option', { name: /step 5,000/ }).click();
  const asked = page.getByRole('region', { name: 'The prompt, token by token' });
  await expect(asked).toContainText('step 5,000', { timeout: 45_000 });
  await page.getByRole('link', { name: 'Train' }).click();
  await page.getByRole('region', { name: 'The run' }).getByRole('button', { name: 'Play' }).click();
  await page.getByRole('link', { name: 'Prompt' }).click();
  await expect(asked).toContainText('step 5,000', { timeout: 45_000 });
  const before = await stepShown(page);
  await tourOf(page, browser);
  expect(await stepShown(page)).toBeGreaterThan(before);
});

test('whatever is typed or pasted has a result or a plain refusal, and the page goes on', async ({ page }) => {
  await open(page);
  const prompt = page.getByRole('textbox', { name: 'Prompt' });
  const pieces = strip(page).getByRole('option');
  await prompt.fill('');
  await expect(pieces).toHaveCount(1);
  await prompt.fill('a');
  await expect(pieces).toHaveCount(2);
  await prompt.fill('👩‍🚀🌊');
  await expect(strip(page)).toContainText(/⟨[0-9A-F]{2}/);
  await prompt.evaluate((area: HTMLTextAreaElement) => {
    area.focus();
    area.select();
    document.execCommand('insertText', false, 'x\ud83ey');
  });
  await expect(strip(page)).toContainText(/x[\s\S]*y/);
  await prompt.evaluate((area: HTMLTextAreaElement) => {
    const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value')!.set!;
    set.call(area, 'the sea '.repeat(131_072));
    area.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await expect(page.getByRole('alert')).toContainText('has to lie between 0 and 47', { timeout: 60_000 });
  await prompt.evaluate((area: HTMLTextAreaElement) => {
    const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value')!.set!;
    set.call(area, 'the ship');
    area.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await expect(strip(page)).toContainText('ship');
  await expect(page.getByRole('alert')).toBeHidden();
});
