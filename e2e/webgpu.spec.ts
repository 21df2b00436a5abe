// The software WebGPU adapter in the page: it is slow and always there, so what holds for a GPU can be tried anywhere.
import type { Page } from '@playwright/test';
import { expect, test } from './test';
import { chooseBackend, figures, open, status, TINY, trainOne } from './trainPage';

const SOFTWARE = 'WebGPU, software adapter · your choice';

/** Training losses of the first three steps, in nats. */
async function threeLosses(page: Page): Promise<number[]> {
  for (const step of [1, 2, 3]) await trainOne(page, step, 90_000);
  const rows = await figures(page, 'Loss');
  expect(rows.map(([step]) => step)).toEqual(['1', '2', '3']);
  return rows.map(([, loss]) => Number(loss));
}

test('chosen in the menu, the software adapter trains the same model as WASM', async ({ page }) => {
  test.setTimeout(400_000);
  await open(page, `${TINY}~seed_5`);
  const onWasm = await threeLosses(page);
  await chooseBackend(page, /WebGPU, software adapter/);
  await expect(page.getByRole('banner')).toContainText(SOFTWARE, { timeout: 60_000 });
  await expect(status(page)).toContainText('Ready at step 0', { timeout: 90_000 });
  const onSoftware = await threeLosses(page);
  console.log(`losses on WASM ${onWasm.join(', ')}; on the software adapter ${onSoftware.join(', ')}`);
  expect(onSoftware).not.toEqual(onWasm);
  for (const [index, loss] of onSoftware.entries()) expect(Math.abs(loss - onWasm[index]!)).toBeLessThanOrEqual(1e-3);
  expect(new Set(onSoftware).size).toBe(3);
  await expect(page.getByRole('banner')).toContainText(SOFTWARE);
  await expect(page.getByText('did not start')).toBeHidden();
});
