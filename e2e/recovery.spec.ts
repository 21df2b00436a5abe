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
  ['lose-device', 'backward'],
  ['crash-gpu', 'idle'],
];
const ALL = ([...FAULT_KINDS, 'crash-gpu'] as const).flatMap((kind) => FAULT_PHASES.map((phase) => [kind, phase] as const));

type Outcome = 'recovers' | 'plays on' | 'not kept' | 'not written';
const WORDS: Readonly<Record<Outcome, string>> = {
  recovers: 'Discard the run',
  'plays on': 'was not applied',
  'not kept': 'The run is not being kept',
  'not written': 'No sample:',
};

/** What the page has to say. Faults in our own code leave the weights alone, unless they are just being updated. */
function outcomeOf(kind: Kind, phase: FaultPhase): Outcome {
  if ((kind !== 'throw' && kind !== 'out-of-memory') || phase === 'optimizer') return 'recovers';
  return phase === 'saving' ? 'not kept' : phase === 'generating' ? 'not written' : 'plays on';
}

/** Notes in the page when a fault struck, and when `words` stood there first. */
async function watch(page: Page, words: string): Promise<void> {
  await page.evaluate((wanted) => {
    const seen: { struck?: number; told?: number } = {};
    Object.assign(window, { seen });
    new MutationObserver(() => {
      const text = document.body.textContent;
      if (text.includes('planned fault has struck')) seen.struck ??= performance.now();
      if (text.includes(wanted)) seen.told ??= performance.now();
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  }, words);
}

async function openOn(page: Page, isWebGpu: boolean, query = ''): Promise<void> {
  await page.goto(`./${query}#${TINY}`);
  await expect(page.getByRole('banner')).toContainText(/WASM/, { timeout: 60_000 });
  if (!isWebGpu) return;
  await chooseBackend(page, /WebGPU, software adapter/);
  await expect(page.getByRole('banner')).toContainText('WebGPU, software adapter', { timeout: 60_000 });
}

/** Trains until `step` at least, and pauses. */
async function trainPast(page: Page, step: number): Promise<void> {
  const play = page.getByRole('button', { name: 'Play', exact: true }).first();
  if (await play.isVisible()) await play.click();
  await expect.poll(() => stepShown(page), { timeout: 120_000 }).toBeGreaterThanOrEqual(step);
  await page.getByRole('button', { name: 'Pause', exact: true }).first().click();
  await expect(status(page)).toContainText('Paused at step', { timeout: 60_000 });
}

/** Training losses of the first steps, at full precision. */
const losses = async (page: Page): Promise<string[]> => (await figures(page, 'Loss')).slice(0, COMPARED).map((row) => row[1]!);

const expectedOn = new Map<boolean, string[]>();
/** Losses of a run that nothing happened to, on a page of its own. */
async function expectedLosses(page: Page, isWebGpu: boolean): Promise<string[]> {
  const known = expectedOn.get(isWebGpu);
  if (known) return known;
  const other = await page.context().newPage();
  await openOn(other, isWebGpu);
  await trainPast(other, COMPARED);
  const found = await losses(other);
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
    const expected = await expectedLosses(page, isWebGpu);
    // Steps under way are counted from 1, finished ones are finished.
    const at = phase === 'generating' ? KEPT : KEPT + 1;
    await openOn(page, isWebGpu, kind === 'crash-gpu' ? '' : `?debug=${kind}:${phase}:${at}`);
    for (const step of [1, 2]) await trainOne(page, step, 90_000);
    await expect(page.getByText(`Kept in this browser: step ${KEPT}`, { exact: true })).toBeVisible();
    await watch(page, WORDS[outcome]);
    if (kind !== 'crash-gpu' || phase !== 'idle') await provoke(page, phase);
    const crashed = performance.now();
    if (kind === 'crash-gpu') await crashGpu(page, phase);
    await expect(page.getByText(WORDS[outcome]).first()).toBeVisible({ timeout: 60_000 });
    const { struck, told } = await page.evaluate(() => (window as unknown as { seen: { struck?: number; told: number } }).seen);
    const wait = kind === 'crash-gpu' ? performance.now() - crashed : Math.max(0, told - struck!);
    console.log(`${kind} while ${phase}: told after ${Math.round(wait)} ms`);
    expect(wait).toBeLessThanOrEqual(TOLD_WITHIN + (kind === 'crash-gpu' ? 1000 : 0));
    await expectAccessible(page);
    if (outcome === 'recovers') {
      // What was told as kept is there; a step under way is not called finished.
      const from = page.getByRole('button', { name: /^Go on from step [23]$/ });
      const step = Number(/\d+/.exec(await from.innerText())![0]);
      await from.click();
      await expect(from).toHaveCount(0, { timeout: 120_000 });
      await expect(page.getByRole('alert')).toHaveCount(0);
      await expect(page.getByText('Starting the engine and bringing the run back')).toHaveCount(0, { timeout: 120_000 });
      await expect.poll(() => stepShown(page), { timeout: 60_000 }).toBeGreaterThanOrEqual(step);
    }
    await trainPast(page, COMPARED);
    expect(await losses(page)).toEqual(expected);
    // What was asked for was said, and nothing else.
    const others = complaints.filter((line) => !/planned by \?debug=|GPU|device/i.test(line));
    complaints.splice(0, complaints.length, ...others);
  });
}

test('a run whose device is lost goes on with WASM, and the page says what differs; or it is discarded', async ({
  page,
  complaints,
}) => {
  test.setTimeout(400_000);
  await openOn(page, true, `?debug=lose-device:backward:${KEPT + 1}`);
  for (const step of [1, 2]) await trainOne(page, step, 90_000);
  await expect(page.getByText(`Kept in this browser: step ${KEPT}`, { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'One step' }).click();
  await page.getByRole('button', { name: 'Go on with WASM' }).click({ timeout: 60_000 });
  await expect(page.getByRole('banner')).toContainText('WASM · your choice', { timeout: 60_000 });
  await expect(page.getByText(/Saved with another backend, device/)).toBeVisible({ timeout: 60_000 });
  await expect.poll(() => stepShown(page), { timeout: 60_000 }).toBeGreaterThan(KEPT);
  complaints.splice(0, complaints.length, ...complaints.filter((line) => !/GPU|device/i.test(line)));
});

test('a fault that cannot be read is refused in words, and nothing is planned', async ({ page }) => {
  await openOn(page, false, '?debug=explode:backward:3');
  await expect(page.getByText('No fault is planned: explode:backward:3 cannot be read')).toBeVisible();
  await expect(page.getByText(/one of lose-device, throw, out-of-memory, crash, close/)).toBeVisible();
  await expectAccessible(page);
});
