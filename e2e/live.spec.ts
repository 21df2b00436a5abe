// Changes in the middle of a run, seen where they act: in the log, in the figures that follow, in the file one keeps.
import type { Page } from '@playwright/test';
import { expect, test } from './test';
import { figures, open, settings, trainFifty, trainOne, type } from './trainPage';

/** The bias that chose in the step shown, every expert of every MoE layer. */
async function biases(page: Page): Promise<number[]> {
  const rows = await figures(page, 'Balance bias that chose');
  return rows.flatMap(([, ...cells]) => cells.map(Number));
}

/** Sizes of the changes between two readings, ascending, each once. */
function changeSizes(before: readonly number[], after: readonly number[]): number[] {
  expect(after).toHaveLength(before.length);
  const sizes = after.map((bias, expert) => Number(Math.abs(bias - before[expert]!).toFixed(6)));
  return [...new Set(sizes)].sort((a, b) => a - b);
}

test('γ changed between two steps acts from the next one on: every bias moves by the new γ, or stays', async ({ page }) => {
  await open(page);
  await trainFifty(page);
  const at50 = await biases(page);
  expect(at50).toHaveLength(16);
  await settings(page, 'Load balance');
  await type(page, 'Bias speed γ', '0.003');
  await trainOne(page, 51);
  const at51 = await biases(page);
  await trainOne(page, 52);
  const at52 = await biases(page);
  await type(page, 'Bias speed γ', '0.0005');
  await trainOne(page, 53);
  const at53 = await biases(page);
  await trainOne(page, 54);
  const at54 = await biases(page);
  // What chose in step 51 was moved by the load of step 50, before the change.
  const moved = [changeSizes(at50, at51), changeSizes(at51, at52), changeSizes(at52, at53), changeSizes(at53, at54)];
  for (const [index, speed] of [0.01, 0.003, 0.003, 0.0005].entries()) {
    expect(moved[index]).toContain(speed);
    expect([0, speed]).toEqual(expect.arrayContaining(moved[index]!));
  }
  await page.getByRole('button', { name: /^Run log/ }).click();
  await expect(page.getByText('after step 50: Bias speed γ → 0.003')).toBeVisible();
  await expect(page.getByText('after step 52: Bias speed γ → 0.0005')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Balance of layer 1' })).toContainText('γ = 0.0005');
});

test('weight decay and clip change while the run trains, and the log names the step of each', async ({ page }) => {
  await open(page);
  await trainOne(page, 1);
  const norm = Number((await figures(page, 'Optimizer health'))[0]![1]);
  await settings(page, 'Optimizer');
  await type(page, 'Weight decay', '0.25');
  await type(page, 'Gradient clip', String(norm / 100));
  await trainOne(page, 2);
  await type(page, 'Gradient clip', '0');
  await trainOne(page, 3);
  await page.getByRole('button', { name: /^Run log/ }).click();
  const log = page.getByRole('listitem').filter({ hasText: 'after step' });
  await expect(log).toHaveText([
    'after step 1: Weight decay → 0.25',
    /^after step 1: Gradient clip → 0\.\d+$/,
    'after step 2: Gradient clip → 0',
  ]);
  // Of three steps the second alone had a norm above its clip: the first was below 1, the third unlimited.
  expect(norm).toBeLessThan(1);
  await expect(page.getByRole('region', { name: 'Optimizer health' })).toContainText('33%');
});
