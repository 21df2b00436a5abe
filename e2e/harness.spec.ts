import { expect, test } from './test';

test('an error, a broken policy and a foreign request are each noticed', async ({ page, complaints }) => {
  await page.goto('./');
  expect(complaints).toEqual([]);
  await page
    .evaluate(async () => {
      console.error('planted');
      document.body.insertAdjacentHTML('beforeend', '<p>markup from a string</p>');
    })
    .catch(() => 'the policy throws');
  await page.evaluate(() => fetch('http://127.0.0.1:9/elsewhere').catch(() => 'blocked'));
  await page.evaluate(() =>
    setTimeout(() => {
      throw new Error('thrown');
    }),
  );
  for (const expected of ['console: planted', 'policy: require-trusted-types-for', 'policy: connect-src', 'uncaught: thrown']) {
    await expect.poll(() => complaints.some((complaint) => complaint.startsWith(expected)), expected).toBe(true);
  }
  complaints.length = 0;
});
