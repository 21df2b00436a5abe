// The prompt lab as a visitor uses it: a prompt in each language, a change, what it did, back again, and text, also while a run trains.
import { changes, choose, decision, effect, open, strip } from './labPage';
import { expect, expectAccessible, test } from './test';

test('a prompt is read as it is typed, in both languages, and one decision adds up', async ({ page }) => {
  await open(page);
  await page.getByRole('textbox', { name: 'Prompt' }).fill('春江潮水连海平');
  await expect(strip(page)).toContainText('春');
  await page.getByRole('textbox', { name: 'Prompt' }).fill('the sea and the ship');
  await expect(strip(page)).toContainText('ship');
  await strip(page).focus();
  await page.keyboard.press('End');
  const rows = await decision(page).getByRole('row').allInnerTexts();
  expect(rows).toHaveLength(10);
  const chosen = rows.filter((row) => row.includes('●'));
  expect(chosen).toHaveLength(2);
  const shares = chosen.map((row) => Number(row.split(/\s+/).at(-3)));
  expect(shares[0]! + shares[1]!).toBeCloseTo(1, 2);
  await expect(page.getByRole('region', { name: 'Next token' }).getByRole('row').first()).toBeVisible();
});

test('a muted expert changes the surprise; undone, everything is as before; text differs from the same seed', async ({
  page,
}) => {
  await open(page);
  await expect(effect(page)).toBeHidden();
  const reading = async () => {
    await strip(page).focus();
    await page.keyboard.press('End');
    return decision(page).innerText();
  };
  const before = await reading();
  await choose(page, 'What', 'Random routing');
  await changes(page).getByRole('button', { name: 'Add the change' }).click();
  await expect(effect(page)).toContainText('Mean surprise');
  await choose(page, 'What', 'Mute: it says nothing');
  await changes(page).getByRole('button', { name: 'Add the change' }).click();
  await expect(changes(page).getByRole('button', { name: /^Remove/ })).toHaveCount(2);
  await page.getByRole('button', { name: 'Write on' }).click();
  const texts = page.getByRole('region', { name: 'What it writes' });
  await expect(texts.getByRole('button', { name: /^Read these/ })).toHaveCount(2, { timeout: 30_000 });
  const [plain, changed] = await texts.getByRole('paragraph').filter({ hasText: 'The people' }).allInnerTexts();
  expect(plain).not.toBe(changed);
  await changes(page).getByRole('button', { name: 'Undo' }).click();
  await changes(page).getByRole('button', { name: 'Undo' }).click();
  await expect(effect(page)).toBeHidden();
  expect(await reading()).toBe(before);
  await changes(page).getByRole('button', { name: 'Redo' }).click();
  await expect(effect(page)).toContainText('Mean surprise');
});

test('it goes on from another token, and is refused a prompt beyond the context in plain words', async ({ page }) => {
  await open(page);
  const region = page.getByRole('region', { name: 'Next token' });
  const tokens = await strip(page).getByRole('option').count();
  await region
    .getByRole('button', { name: /^Go on with/ })
    .nth(1)
    .click();
  await expect(strip(page).getByRole('option')).toHaveCount(tokens + 1);
  await page.getByRole('textbox', { name: 'Prompt' }).fill('the ship '.repeat(200));
  await expect(page.getByRole('alert')).toContainText('has to lie between 0 and 47');
});

test('each kind of change can be made for layers, experts and tokens, and taken away', async ({ page }) => {
  await open(page);
  const add = changes(page).getByRole('button', { name: 'Add the change' });
  const chips = changes(page).getByRole('button', { name: /^Remove/ });
  await changes(page).getByRole('textbox', { name: 'Tokens' }).fill('2–3');
  await expect(strip(page).getByRole('option', { selected: true })).toHaveCount(2);
  await choose(page, 'What', 'Swap for another');
  await add.click();
  await expect(chips).toHaveText([/^expert \d for \d, tokens 2–3$/]);
  await strip(page).focus();
  for (const key of ['Home', 'Shift+ArrowRight', 'Shift+ArrowRight']) await page.keyboard.press(key);
  await expect(changes(page).getByRole('textbox', { name: 'Tokens' })).toHaveValue('0–2');
  await choose(page, 'In which layers', 'Layer 2');
  await page.keyboard.press('Escape');
  await choose(page, 'What', 'Freeze the bias as it is');
  await add.click();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Escape');
  await changes(page).getByRole('button', { name: 'Biases by hand' }).click();
  const bias = changes(page).getByRole('textbox', { name: 'E5', exact: true });
  await bias.fill('0.5');
  await bias.press('Enter');
  await expect(chips).toHaveText([/^expert/, 'bias frozen, layer 2, tokens 0–2', 'bias of 5: 0.5, layer 1, tokens 0–2']);
  await expect(effect(page)).toContainText('Mean surprise');
  await expect(changes(page).getByRole('alert')).toBeHidden();
  await choose(page, 'What', 'Force it in');
  await changes(page)
    .getByRole('button', { name: /Experts$/ })
    .click();
  for (const expert of ['1', '2', '3']) await page.getByRole('option', { name: expert, exact: true }).click();
  await page.keyboard.press('Escape');
  await add.click();
  await expect(changes(page).getByRole('alert')).toContainText('has no answer');
  await chips.last().click();
  await expect(changes(page).getByRole('alert')).toBeHidden();
});

test('a text comes with its routes, goes on from another token, and repeats itself with the same seed', async ({ page }) => {
  await open(page);
  const texts = page.getByRole('region', { name: 'What it writes' });
  const written = texts.getByRole('listbox', { name: 'The text as trained, token by token' });
  const whole = texts.getByRole('button', { name: /^Read these/ });
  await texts.getByRole('textbox', { name: 'Length' }).fill('12');
  await texts.getByRole('textbox', { name: 'Length' }).press('Enter');
  await page.getByRole('button', { name: 'Write on' }).click();
  await expect(whole).toBeVisible({ timeout: 30_000 });
  const first = await written.innerText();
  expect(first).toMatch(/^\d/);
  await page.getByRole('button', { name: 'Write on' }).click();
  await expect(whole).toBeVisible({ timeout: 30_000 });
  expect(await written.innerText()).toBe(first);
  const tokens = await strip(page).getByRole('option').count();
  await written.getByRole('option').nth(3).click();
  await texts
    .getByRole('button', { name: /^Go on with/ })
    .nth(2)
    .click();
  await expect(strip(page).getByRole('option')).toHaveCount(tokens + 4);
  await expect(whole).toBeVisible({ timeout: 30_000 });
  await expect(page).toHaveURL(/after=(\d+\.){3}\d+&write=12_/);
  await page.getByRole('button', { name: 'Drop the 4 tokens that follow' }).click();
  await expect(strip(page).getByRole('option')).toHaveCount(tokens);
});

test('a link opens the same prompt and changes in a fresh browser; one that does not fit says what is wrong', async ({
  page,
  browser,
}) => {
  await page.goto('./#lab');
  await expect(strip(page)).toBeVisible({ timeout: 45_000 });
  await page.getByRole('textbox', { name: 'Prompt' }).fill('Fellow citizens of the Senate');
  await choose(page, 'What', 'Pass over the best');
  await changes(page).getByRole('button', { name: 'Add the change' }).click();
  await expect(strip(page)).toContainText('citizens');
  await expect(page).toHaveURL(/prompt=Fellow.*changes=t_/);
  const [said, link] = [await effect(page).innerText(), page.url()];
  const other = await browser.newContext();
  const fresh = await other.newPage();
  await fresh.goto(link);
  await expect(effect(fresh)).toHaveText(said, { timeout: 45_000 });
  await expect(strip(fresh)).toContainText('citizens');
  await fresh.goto(`${link.split('&')[0]}&prompt=a&changes=m_*_*_99_zero`);
  await expect(fresh.getByRole('alert')).toContainText('99');
  // The page writes its own address now and then, and may do so just before it is told of a new one.
  await fresh.evaluate(
    (next) => {
      const { href } = location;
      location.hash = next;
      history.replaceState(null, '', href);
    },
    `${new URL(link).hash.split('&')[0]}&prompt=b&changes=m_*_*_98_zero`,
  );
  await expect(fresh.getByRole('alert')).toContainText('98');
  await other.close();
});

test('every expert is taken away in turn, and the unchanged K costs nothing', async ({ page }) => {
  await open(page);
  const sweeps = page.getByRole('region', { name: 'What the model would lose' });
  await sweeps.getByRole('button', { name: 'Measure' }).click();
  await expect(sweeps.getByRole('grid', { name: 'Change of the loss' })).toBeVisible({
    timeout: 60_000,
  });
  await sweeps.getByRole('button', { name: 'Table' }).click();
  await expect(sweeps.getByRole('table')).toHaveAttribute('aria-rowcount', String(1 + 3 * 2 * 8));
  await sweeps.getByRole('button', { name: 'Figure' }).click();
  await sweeps.getByRole('radio', { name: 'other numbers of experts' }).press(' ');
  await sweeps.getByRole('button', { name: 'Measure' }).click();
  await expect(sweeps.getByRole('group', { name: 'other numbers of experts' })).toBeVisible({ timeout: 60_000 });
  await sweeps.getByRole('button', { name: 'Table' }).click();
  await expect(sweeps.getByRole('row')).toHaveCount(5);
  await expect(sweeps.getByRole('row').nth(2)).toContainText('0.0000 … 0.0000');
});

test('it answers while a run trains, and what it says moves with the weights', async ({ page }) => {
  await open(page);
  await page.getByRole('link', { name: 'Train' }).click();
  await page.getByRole('region', { name: 'The run' }).getByRole('button', { name: 'Play' }).click();
  await page.getByRole('link', { name: 'Prompt' }).click();
  const subtitle = page.getByRole('region', { name: 'The prompt, token by token' }).locator('header');
  const stepOf = async () => Number(/step ([\d,]+)/.exec(await subtitle.innerText())?.[1]?.replace(',', ''));
  const before = await stepOf();
  await expect.poll(stepOf, { timeout: 15_000 }).toBeGreaterThan(before);
  await page.getByRole('textbox', { name: 'Prompt' }).fill('the white whale');
  await expect(strip(page)).toContainText('whale');
});

for (const language of ['en', 'zh'] as const) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`nothing bars the way in ${language}, ${colorScheme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.goto(`./#lab&lang=${language}`);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(page.getByRole('listbox')).toBeVisible({ timeout: 45_000 });
      await expectAccessible(page);
    });
  }
}
