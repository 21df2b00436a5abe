// The Diagnostics view as a person uses it: steps are traced while it is open, and their picture is of real spans.
import type { Page } from '@playwright/test';
import type { Language } from '../src/text/language';
import { translate } from '../src/text/translate';
import type { TextKey } from '../src/text/catalogue';
import { expect, expectAccessible, test } from './test';
import { chooseBackend, figures, TINY } from './trainPage';

const DIAGNOSTICS = TINY.replace('1~train~', '1~diagnostics~');
const FLAME = 'A step, phase by phase';

async function open(page: Page): Promise<void> {
  await page.goto(`./#${DIAGNOSTICS}`);
  await expect(page.getByRole('banner')).toContainText(/WASM/, { timeout: 30_000 });
}

async function oneStep(page: Page, step: number): Promise<void> {
  await page.getByRole('button', { name: 'One step', exact: true }).first().click();
  await expect(page.getByRole('region', { name: FLAME })).toContainText(`Step ${step} ·`, { timeout: 60_000 });
}

/** Length of the traced step in sight, ms, as its subtitle says. */
async function stepLength(page: Page): Promise<number> {
  const text = await page.getByRole('region', { name: FLAME }).innerText();
  return Number(/· ([\d.,]+) ms/.exec(text)![1]!.replaceAll(',', ''));
}

test('the phases of a step fill no more than its time, and nearly all of it', async ({ page }) => {
  await open(page);
  await expect(page.getByText('The next step appears here')).toBeVisible();
  for (const step of [1, 2, 3]) await oneStep(page, step);
  const rows = await figures(page, FLAME);
  const own = rows.filter(([, worker]) => worker === 'Engine');
  const total = own.reduce((sum, [, , , , duration]) => sum + Number(duration), 0);
  const whole = await stepLength(page);
  expect(total).toBeLessThanOrEqual(whole + 0.1);
  expect(total).toBeGreaterThan(0.5 * whole);
  for (const phase of ['Data', 'Forward', 'Backward', 'Optimizer', 'Read-back'])
    expect(own.map(([name]) => name)).toContain(phase);
  const machine = page.getByRole('main');
  await expect(machine).toContainText(/Tensors\s*[\d,]+/);
  await expect(machine).toContainText(/WASM heap\s*[\d.]+ [MG]iB/);
  await expect(machine).toContainText(/tokens\/s/);
});

test('blocks are walked, filled and left again by keyboard and pointer; earlier steps stay to be looked at', async ({ page }) => {
  await open(page);
  for (const step of [1, 2]) await oneStep(page, step);
  const flame = page.getByRole('listbox', { name: FLAME });
  // There also where the pointer is on no block, and then it says so.
  const reading = flame.getByRole('option');
  const whole = page.getByRole('button', { name: 'Whole step' });
  await flame.focus();
  // To the lowest row, wherever the walk began.
  for (let row = 0; row < 3; row++) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  await expect(reading).toContainText('Read-back');
  await page.keyboard.press('ArrowLeft');
  await expect(reading).toContainText('Optimizer');
  await expect(whole).toBeDisabled();
  await page.keyboard.press('Enter');
  await expect(whole).toBeEnabled();
  await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('0');
  await expect(whole).toBeDisabled();
  const box = (await flame.boundingBox())!;
  await flame.hover({ position: { x: box.width / 2, y: 8 } });
  await expect(reading).toContainText('Step 2');
  // In the middle of a step the engine may rest between two shards: a block is looked for.
  let isOnBlock = false;
  for (let tenth = 2; tenth < 9 && !isOnBlock; tenth++) {
    await flame.hover({ position: { x: (box.width * tenth) / 10, y: 60 } });
    isOnBlock = /Forward|Backward/.test(await reading.innerText());
  }
  expect(isOnBlock).toBe(true);
  await page.mouse.down();
  await page.mouse.up();
  await expect(whole).toBeEnabled();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Nearer' }).click();
  await expect(whole).toBeEnabled();
  await whole.click();
  await page.getByRole('slider', { name: 'Traced step shown' }).focus();
  await page.keyboard.press('ArrowLeft');
  await expect(page.getByRole('region', { name: FLAME })).toContainText('Step 1 ·');
});

test('helpers have rows of their own; on WebGPU the page says what its times mean, and can wait for exact ones', async ({
  page,
}) => {
  test.setTimeout(240_000);
  await page.addInitScript(() =>
    localStorage.setItem(
      'switchyard.train',
      JSON.stringify({
        state: { pauseWhenHidden: false, lossUnit: 'nats', loadView: 'lastStep', stepCount: 50, workers: 2 },
        version: 1,
      }),
    ),
  );
  await open(page);
  await oneStep(page, 1);
  // A helper joins when it is ready.
  await page.waitForTimeout(3_000);
  await oneStep(page, 2);
  expect((await figures(page, FLAME)).map(([, worker]) => worker)).toContain('Helper 1');
  await expect(page.getByRole('region', { name: FLAME })).toContainText('exact times');
  await chooseBackend(page, /software adapter/);
  await expect(page.getByRole('banner')).toContainText('software adapter', { timeout: 60_000 });
  // The run is made anew there.
  await expect(page.getByRole('banner')).toContainText('step 0', { timeout: 60_000 });
  await oneStep(page, 1);
  await expect(page.getByRole('region', { name: FLAME })).toContainText('times of handing work over to the GPU');
  await page.getByText('Exact times', { exact: true }).click();
  await oneStep(page, 2);
  await expect(page.getByRole('region', { name: FLAME })).toContainText('· exact times');
});

for (const language of ['en', 'zh'] satisfies Language[]) {
  test(`diagnostics have nothing in anybody’s way in ${language}, light and dark`, async ({ page }) => {
    const t = (key: TextKey, params = {}): string => translate(language, key, params);
    await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: 'light' });
    await page.goto(`./#${DIAGNOSTICS}&lang=${language}`);
    await page.reload();
    await expect(page.getByRole('banner')).toContainText(/WASM/, { timeout: 30_000 });
    await expectAccessible(page);
    await page
      .getByRole('button', { name: t('train.step'), exact: true })
      .first()
      .click();
    const flame = page.getByRole('region', { name: t('diagnostics.flame.title') });
    await expect(flame).toBeVisible({ timeout: 60_000 });
    await page.getByRole('listbox').focus();
    await page.keyboard.press('ArrowRight');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme);
      await expectAccessible(page);
    }
    await flame.getByRole('button', { name: t('components.panel.table') }).click();
    await expect(flame.getByRole('table')).toContainText(t('diagnostics.phase.backward'));
    await expectAccessible(page);
    await expect(page.locator('body')).not.toContainText(/undefined|NaN/);
  });
}
