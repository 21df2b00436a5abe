// A browser on a profile of its own that is killed while it saves, and what the next one on that profile finds.
import { chromium, type BrowserContext, type Page } from '@playwright/test';
import { QUIET_SWITCHES } from '../scripts/lib/chromiumSwitches.mjs';
import { BUDGET_MB } from './privateFiles';
import { status } from './trainPage';

/** What is killed needs no graphics, and starts sooner without. */
const SWITCHES = [...QUIET_SWITCHES, '--disable-gpu'];
/** A step takes moments and its state is megabytes, so that most of the time something is being written. */
const SAVING =
  '1~train~default~hiddenSize_64~headDim_16~numAttentionHeads_2~numKeyValueHeads_2~intermediateSize_128~moeIntermediateSize_32~numHiddenLayers_3~nRoutedExperts_8~batchSize_4~sequenceLength_16~validationEvery_0~sampleEvery_0';
const TOKENS_A_STEP = 4 * 16;
const MOMENTS = { everyTokens: 4 * TOKENS_A_STEP, checkpointEvery: 1, type: 'BF16', budgetMb: BUDGET_MB };

export interface Launched {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Steps the page has said to be kept. */
  readonly said: number[];
  /** Resolves at the first step it says. */
  readonly firstSaid: Promise<void>;
}

/** Opens the page on the profile in `folder`. @param use the options of contexts and launching @param switches further ones of the command line */
export async function launch(
  folder: string,
  use: { readonly [option: string]: unknown },
  switches: readonly string[] = [],
): Promise<Launched> {
  const context = await chromium.launchPersistentContext(folder, { ...use, args: [...SWITCHES, ...switches] });
  const page = context.pages()[0] ?? (await context.newPage());
  const said: number[] = [];
  let isSaid = (): void => undefined;
  const firstSaid = new Promise<void>((resolve) => (isSaid = resolve));
  await page.exposeFunction('sayKept', (step: number) => {
    said.push(step);
    isSaid();
  });
  await page.addInitScript((moments) => {
    localStorage.setItem('switchyard.train', JSON.stringify({ state: { snapshots: moments }, version: 1 }));
  }, MOMENTS);
  await page.goto(`./#${SAVING}`, { waitUntil: 'commit' });
  return { context, page, said, firstSaid };
}

/** Resolves when the engine is there. A locator is looked for at every frame, an expectation ever more rarely, up to a second apart. */
export const started = (page: Page): Promise<void> =>
  page.getByRole('banner').getByText(/WASM/).first().waitFor({ timeout: 60_000 });

/** Ends the browser as a power cut would end it. */
export async function kill({ context }: Launched): Promise<void> {
  const devtools = await context.browser()!.newBrowserCDPSession();
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  const { id } = processInfo.find(({ type }) => type === 'browser')!;
  const closed = new Promise((resolve) => context.once('close', resolve));
  process.kill(id, 'SIGKILL');
  await closed;
}

/** Trains step after step, each kept before the next begins or while it runs. @param from the step that is kept already */
export const trainOnAndOn = (page: Page, from: number): Promise<void> =>
  page.evaluate((before) => {
    const { sayKept } = window as unknown as { sayKept(step: number): Promise<void> };
    let last = before;
    setInterval(() => {
      const kept = Number(/Kept in this browser: step ([\d,]+)/.exec(document.body.textContent)?.[1]?.replaceAll(',', '') ?? 0);
      if (kept > last) void sayKept((last = kept));
      document.querySelector<HTMLButtonElement>('button[aria-label="One step"]:not([disabled])')?.click();
    }, 5);
  }, from);

/** Goes on with the run that the page offers. @returns the step where it stands */
export async function resume(page: Page): Promise<number> {
  await page.getByRole('status').filter({ hasText: 'stands at step' }).waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Resume' }).click();
  const paused = status(page).filter({ hasText: 'Paused at step' });
  await paused.waitFor({ timeout: 60_000 });
  return Number(/step ([\d,]+)/.exec(await paused.innerText())![1]!.replaceAll(',', ''));
}
