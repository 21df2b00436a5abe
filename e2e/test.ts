// The `test` of every spec: a page that complains, breaks the policy or talks to another origin fails, whatever else it does right.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test as base, type Page } from '@playwright/test';

export { expect };

interface Fixtures {
  /** What the page did wrong so far; a spec that provokes an error on purpose takes the expected lines out. */
  readonly complaints: string[];
}

export const test = base.extend<Fixtures>({
  complaints: [
    async ({ page, baseURL }, use) => {
      const complaints: string[] = [];
      const origin = new URL(baseURL ?? page.url()).origin;
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(`console: ${message.text()} (${message.location().url})`);
      });
      page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
      page.on('request', (request) => {
        const url = new URL(request.url());
        if (url.protocol.startsWith('http') && url.origin !== origin) complaints.push(`request to ${url.origin}`);
      });
      await page.exposeFunction('reportViolation', (violation: string) => complaints.push(`policy: ${violation}`));
      await page.addInitScript(() => {
        const report = (globalThis as unknown as { reportViolation: (text: string) => Promise<void> }).reportViolation;
        document.addEventListener('securitypolicyviolation', (event) => {
          void report(`${event.violatedDirective} blocked ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`);
        });
      });
      await use(complaints);
      expect(complaints, 'the page complained').toEqual([]);
    },
    { auto: true },
  ],
});

/** Fails on any accessibility fault axe finds in the page as it stands. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const faults = violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help} (${nodes.map(({ target, any }) => [target.join(' '), ...any.map(({ message }) => message)].join(': ')).join(', ')})`,
  );
  expect(faults).toEqual([]);
}
