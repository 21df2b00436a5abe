// Whatever ends the engine, the run goes on: a fault of each kind in a browser of its own. FAULTS=all tries every kind in every phase.
import type { Page } from '@playwright/test';
import { FAULT_KINDS, FAULT_PHASES, type FaultKind, type FaultPhase } from '../src/config/fault';
import { test } from './ownBrowser';
import { expect, expectAccessible } from './test';
import { chooseBackend, figures, status, stepShown, TINY, trainOne } from './trainPage';

/** Steps trained, and kept, before anything happens. */
const KEPT = 2;
/** Steps whose losses are compared with those of a run that nothing happened to. */
const COMPARED = 5;
/** How soon the page has to say what happened, ms. */
const TOLD_WITHIN = 2000;

/** 'crash-gpu': the browser's graphics process dies, a moment after the phase was provoked. */
type Kind = FaultKind | 'crash-gpu';
const SHORT: readonly (readonly [Kind, FaultPhase])[] = [
  ['throw', 'forward'],
  ['throw', 'optimizer'],
  ['out-of-memory', 'saving'],
  ['crash', 'backward'],
  ['crash', 'saving'],
  ['close', 'idle'],
  ['close', 'generating'],
  ['crash-gpu', 'backward'],
];
const ALL = ([...FAULT_KINDS, 'crash-gpu'] as const).flatMap((kind) => FAULT_PHASES.map((phase) => [kind, phase] as const));

type Outcome = 'recovers' | 'plays on' | 'not kept' | 'not written';
const WORDS: Readonly<Record<Exclude<Outcome, 'recovers'>, string>> = {
  'plays on': 'Training stopped after step',
  'not kept': 'The run is not being kept',
  'not written': 'No sample:',
};
const TITLES: Readonly<Record<Kind, string>> = {
  'lose-device': 'The graphics device was lost',
  'crash-gpu': 'The graphics device was lost',
  throw: 'The engine made a mistake',
  'out-of-memory': 'Out of memory',
  crash: 'The engine stopped',
  close: 'The engine stopped',
};

/** What the page has to say. Faults in our own code leave the weights alone, unless they are just being updated. */
function outcomeOf(kind: Kind, phase: FaultPhase): Outcome {
  if ((kind !== 'throw' && kind !== 'out-of-memory') || phase === 'optimizer') return 'recovers';
  return phase === 'saving' ? 'not kept' : phase === 'generating' ? 'not written' : 'plays on';
}

interface Seen {
  provoked: number;
  struck?: number;
  told?: number;
}

/** Notes in the page when a fault struck, and when `words` stood there first; from now on. */
async function watch(page: Page, words: string): Promise<void> {
  await page.evaluate((wanted) => {
    const seen: Seen = { provoked: performance.now() };
    Object.assign(window, { seen });
    const look = (): void => {
      const text = document.body.textContent;
      if (text.includes('planned fault has struck')) seen.struck ??= performance.now();
      if (text.includes(wanted)) seen.told ??= performance.now();
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
    look();
  }, words);
}
const seenBy = (page: Page): Promise<Seen> => page.evaluate(() => (window as unknown as { seen: Seen }).seen);

async function openOn(page: Page, isWebGpu: boolean, query = ''): Promise<void> {
  await page.goto(`./${query}#${TINY}`);
  await expect(page.getByRole('banner')).toContainText(/WASM/, { timeout: 60_000 });
  if (!isWebGpu) return;
  await chooseBackend(page, /WebGPU, software adapter/);
  await expect(page.getByRole('banner')).toContainText('WebGPU, software adapter', { timeout: 60_000 });
}

/** Trains until `step` at least, and pauses. */
async function trainPast(page: Page, step: number): Promise<void> {
  const [play, pause] = ['Play', 'Pause'].map((name) => page.getByRole('button', { name, exact: true }).first());
  await expect(play!.or(pause!)).toBeEnabled({ timeout: 60_000 });
  if (await play!.isVisible()) await play!.click();
  await expect.poll(() => stepShown(page), { timeout: 120_000 }).toBeGreaterThanOrEqual(step);
  await pause!.click();
  await expect(status(page)).toContainText('Paused at step', { timeout: 60_000 });
}

/** Training losses of the first steps, at full precision. */
const losses = async (page: Page): Promise<string[]> => (await figures(page, 'Loss')).slice(0, COMPARED).map((row) => row[1]!);

const expectedOn = new Map<boolean, string[]>();
/** Losses of a run that nothing happened to, in a browser context of its own. */
async function expectedLosses(page: Page, isWebGpu: boolean): Promise<string[]> {
  const known = expectedOn.get(isWebGpu);
  if (known) return known;
  const other = await page
    .context()
    .browser()!
    .newContext({ baseURL: new URL('./', page.url()).href });
  const calm = await other.newPage();
  await openOn(calm, isWebGpu);
  await trainPast(calm, COMPARED);
  const found = await losses(calm);
  await other.close();
  expectedOn.set(isWebGpu, found);
  return found;
}

/** Brings the run to `phase`, where the fault waits. */
async function provoke(page: Page, phase: FaultPhase): Promise<void> {
  if (phase === 'generating') await page.getByRole('button', { name: 'Write now' }).click();
  else if (phase === 'idle' || phase === 'saving') await page.getByRole('button', { name: 'One step' }).click();
  else await page.getByRole('button', { name: 'Play', exact: true }).first().click();
}

async function crashGpu(page: Page, phase: FaultPhase): Promise<void> {
  // A step of the software adapter takes about a second: these are moments in its first and in its second half.
  if (phase !== 'idle')
    await page.waitForTimeout({ forward: 200, backward: 700, optimizer: 1000, saving: 900, generating: 100 }[phase]);
  const devtools = await page.context().browser()!.newBrowserCDPSession();
  await devtools.send('Browser.crashGpuProcess');
}

for (const [kind, phase] of process.env['FAULTS'] === 'all' ? ALL : SHORT) {
  const isWebGpu = kind === 'lose-device' || kind === 'crash-gpu';
  const outcome = outcomeOf(kind, phase);
  test(`${kind} while ${phase}: told within 2 s, and the run ${outcome}`, async ({ page, complaints }) => {
    test.setTimeout(400_000);
    // Steps under way are counted from 1, finished ones are finished.
    const at = phase === 'generating' ? KEPT : KEPT + 1;
    await openOn(page, isWebGpu, kind === 'crash-gpu' ? '' : `?debug=${kind}:${phase}:${at}`);
    const expected = await expectedLosses(page, isWebGpu);
    for (const step of [1, 2]) await trainOne(page, step, 90_000);
    await expect(page.getByText(`Kept in this browser: step ${KEPT}`, { exact: true })).toBeVisible({ timeout: 60_000 });
    if (kind !== 'crash-gpu') await expect(page.getByText('A fault is planned')).toBeVisible();
    if (kind === 'crash-gpu') {
      if (phase !== 'idle') await provoke(page, phase);
      await crashGpu(page, phase);
    }
    const words = outcome === 'recovers' ? TITLES[kind] : WORDS[outcome];
    await watch(page, words);
    if (kind !== 'crash-gpu') await provoke(page, phase);
    await expect.poll(async () => (await seenBy(page)).told, { timeout: 60_000 }).toBeDefined();
    const { provoked, struck, told } = await seenBy(page);
    // An engine that ends has no time to say that the fault has struck: then all since it was provoked is counted.
    const isSaid = kind === 'throw' || kind === 'out-of-memory' || kind === 'lose-device';
    const wait = Math.max(0, told! - (isSaid ? struck! : provoked));
    console.log(`${kind} while ${phase}: told after ${Math.round(wait)} ms`);
    expect(wait).toBeLessThanOrEqual(TOLD_WITHIN);
    if (outcome === 'recovers') {
      await expect(page.getByText('The engine was started anew', { exact: false })).toBeVisible({ timeout: 120_000 });
      // What was told as kept is there; a step under way is not called finished.
      const back = await page.getByText('The engine was started anew', { exact: false }).innerText();
      const steps = [...back.matchAll(/step (\d+)/g)].map(([, step]) => Number(step));
      expect(steps[0]).toBeGreaterThanOrEqual(KEPT);
      await expect(page.getByRole('alert')).toHaveCount(0);
    }
    await expectAccessible(page);
    await trainPast(page, COMPARED);
    expect(await losses(page)).toEqual(expected);
    // What was asked for was said, and nothing else.
    const others = complaints.filter((line) => !/planned by \?debug=|GPU|device/i.test(line));
    complaints.splice(0, complaints.length, ...others);
  });
}

test('a run whose device was lost moves to WASM when somebody says so, and the page says what differs', async ({
  page,
  complaints,
}) => {
  test.setTimeout(400_000);
  await openOn(page, true, `?debug=lose-device:backward:${KEPT + 1}`);
  for (const step of [1, 2]) await trainOne(page, step, 90_000);
  await expect(page.getByText(`Kept in this browser: step ${KEPT}`, { exact: true })).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'One step' }).click();
  await page.getByRole('button', { name: 'Go on with WASM' }).click({ timeout: 120_000 });
  await expect(page.getByRole('banner')).toContainText('WASM · your choice', { timeout: 60_000 });
  await expect(page.getByText(/Saved with another backend, device/)).toBeVisible({ timeout: 60_000 });
  await expect.poll(() => stepShown(page), { timeout: 60_000 }).toBeGreaterThanOrEqual(KEPT);
  complaints.splice(0, complaints.length, ...complaints.filter((line) => !/GPU|device/i.test(line)));
});

test('a fault that cannot be read is refused in words, and nothing is planned', async ({ page }) => {
  await openOn(page, false, '?debug=explode:backward:3');
  await expect(page.getByText('No fault is planned: explode:backward:3 cannot be read')).toBeVisible();
  await expect(page.getByText(/one of lose-device, throw, out-of-memory, crash, close/)).toBeVisible();
  await expectAccessible(page);
});
