// A test with a browser of its own, for specs that crash what other tests would share.
import { test as shared } from './test';

export const test = shared.extend({
  context: async ({ playwright, browserName }, use) => {
    const browser = await playwright[browserName].launch();
    await use(await browser.newContext());
    await browser.close();
  },
});
