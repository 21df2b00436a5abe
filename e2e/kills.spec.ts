// The browser process is killed at random moments of saving, again and again on one profile: what it had said to be kept is there, whole,
// and the storage does not creep. KILLS sets how often; the moments are those of the seed.
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from '@playwright/test';
import { SLOTS } from '../src/checkpoint/slots';
import { crc32 } from '../src/core/crc32';
import { rngFor } from '../src/core/rng';
import { expect, test } from './test';
import { status } from './trainPage';

const KILLS = Number(process.env['KILLS'] ?? 10);
const SEED = 11;
/** A step takes moments and its state is megabytes, so that most of the time something is being written. */
const SAVING =
  '1~train~default~hiddenSize_64~headDim_16~numAttentionHeads_2~numKeyValueHeads_2~intermediateSize_128~moeIntermediateSize_32~numHiddenLayers_3~nRoutedExperts_8~batchSize_4~sequenceLength_16~validationEvery_0~sampleEvery_0';
const TOKENS_A_STEP = 4 * 16;
/** Room of the run's moments, MB: a few checkpoints, so that they give way to each other all the time. */
const BUDGET_MB = 20;
const MOMENTS = { everyTokens: 4 * TOKENS_A_STEP, checkpointEvery: 1, type: 'BF16', budgetMb: BUDGET_MB };
/** Longest time from the first copy of a round to the kill, ms. */
const LONGEST_MS = 1500;
/** Longest until something is kept or refused: now and then a browser opens no file for writing after a kill, which is given up after 20 s and said. */
const STORAGE_MS = 120_000;

interface Launched {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Steps the page has said to be kept. */
  readonly said: number[];
}

async function launch(folder: string, use: { readonly [option: string]: unknown }): Promise<Launched> {
  const context = await chromium.launchPersistentContext(folder, use);
  const page = context.pages()[0] ?? (await context.newPage());
  const said: number[] = [];
  await page.exposeFunction('sayKept', (step: number) => void said.push(step));
  await page.addInitScript((moments) => {
    localStorage.setItem('switchyard.train', JSON.stringify({ state: { snapshots: moments }, version: 1 }));
  }, MOMENTS);
  await page.goto(`./#${SAVING}`);
  await expect(page.getByRole('banner')).toContainText(/WASM/, { timeout: 60_000 });
  return { context, page, said };
}

/** Ends the browser as a power cut would end it. */
async function kill({ context }: Launched): Promise<void> {
  const devtools = await context.browser()!.newBrowserCDPSession();
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  const { id } = processInfo.find(({ type }) => type === 'browser')!;
  const closed = new Promise((resolve) => context.once('close', resolve));
  process.kill(id, 'SIGKILL');
  await closed;
}

/** Trains step after step, each kept before the next begins or while it runs. */
const trainOnAndOn = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const { sayKept } = window as unknown as { sayKept(step: number): Promise<void> };
    let last = 0;
    setInterval(() => {
      const kept = Number(/Kept in this browser: step ([\d,]+)/.exec(document.body.textContent)?.[1]?.replaceAll(',', '') ?? 0);
      if (kept > last) void sayKept((last = kept));
      document.querySelector<HTMLButtonElement>('button[aria-label="One step"]:not([disabled])')?.click();
    }, 5);
  });

/** All files of the page's private file system. */
async function filesOf(page: Page): Promise<Map<string, Buffer>> {
  const found = await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle('runs', { create: true });
    const files: [string, string][] = [];
    for await (const [name, handle] of folder as unknown as AsyncIterable<[string, FileSystemFileHandle]>) {
      const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
      let text = '';
      for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
      files.push([name, btoa(text)]);
    }
    return files;
  });
  return new Map(found.map(([name, text]) => [name, Buffer.from(text, 'base64')]));
}

/** The newest whole version of `name`, read without the engine, and how many of its slots are torn. */
function newest(files: ReadonlyMap<string, Buffer>, name: string): { bytes: Buffer | null; torn: number } {
  let torn = 0;
  let best: { sequence: bigint; bytes: Buffer } | null = null;
  for (const slot of SLOTS) {
    const [bytes, record] = [files.get(`${name}.${slot}`), files.get(`${name}.${slot}.commit`)];
    if (!bytes && !record) continue;
    const isWhole =
      record?.length === 24 && bytes?.length === Number(record.readBigUInt64LE(8)) && crc32(bytes) === record.readUInt32LE(16);
    if (!isWhole) torn++;
    else if (!best || record.readBigUInt64LE(0) > best.sequence) best = { sequence: record.readBigUInt64LE(0), bytes };
  }
  return { bytes: best?.bytes ?? null, torn };
}

interface Moments {
  readonly rungs: readonly { readonly step: number; readonly kind: string; readonly sha256: string }[];
}

/** Every moment that the list names is there, whole. @returns the last checkpoint's step */
function expectWholeMoments(files: ReadonlyMap<string, Buffer>, runId: string): number {
  const { bytes } = newest(files, `${runId}.ladder`);
  const { rungs } = bytes ? (JSON.parse(bytes.toString()) as Moments) : { rungs: [] };
  for (const { kind, step, sha256 } of rungs) {
    const file = files.get(`${runId}.${kind}.${step}`);
    expect(file && createHash('sha256').update(file).digest('hex'), `${kind} ${step}`).toBe(sha256);
  }
  return Math.max(0, ...rungs.filter(({ kind }) => kind === 'checkpoint').map(({ step }) => step));
}

test(`${KILLS} kills of the browser at random moments of saving: nothing that was said to be kept is lost`, async ({
  contextOptions,
  launchOptions,
  baseURL,
}) => {
  test.setTimeout(STORAGE_MS + KILLS * 30_000);
  const folder = await mkdtemp(join(tmpdir(), 'kills-'));
  const rng = rngFor(SEED, 'data');
  const total = { torn: 0, unopened: 0, bytes: 0, largest: 0 };
  let [acknowledged, checkpoint, runId] = [0, 0, ''];
  try {
    for (let round = 0; round <= KILLS; round++) {
      const launched = await launch(folder, { ...contextOptions, ...launchOptions, baseURL });
      const { page, said } = launched;
      const unopened = page.getByText(/a file was not .* within/);
      let isKept = false;
      let from = 0;
      if (round > 0) {
        const files = await filesOf(page);
        const names = [...files.keys()];
        runId = names.find((name) => name.includes('.state.'))?.split('.')[0] ?? '';
        const state = newest(files, `${runId}.state`);
        isKept = state.bytes !== null;
        expect(isKept || acknowledged === 0, `round ${round}`).toBe(true);
        const parts = ['history', 'about', 'ladder'].map((part) => newest(files, `${runId}.${part}`));
        if ([state, ...parts].some(({ torn }) => torn > 0)) total.torn++;
        const last = expectWholeMoments(files, runId);
        expect(last).toBeGreaterThanOrEqual(checkpoint);
        checkpoint = last;
        total.bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
        total.largest = Math.max(total.largest, total.bytes);
        // Two copies of the state, the moments within their room, one that the kill has left, and some text.
        const size = state.bytes?.length ?? 0;
        expect(total.bytes).toBeLessThanOrEqual(2 * size + BUDGET_MB * 1e6 + size + 2e6);
        expect(new Set(names.map((name) => name.split('.')[0])).size).toBeLessThanOrEqual(1);
      }
      if (round === KILLS) {
        await launched.context.close();
        break;
      }
      if (isKept) {
        const banner = page.getByRole('status').filter({ hasText: 'stands at step' });
        await expect(banner).toBeVisible({ timeout: 60_000 });
        await page.getByRole('button', { name: 'Resume' }).click();
        await expect(status(page)).toContainText('Paused at step', { timeout: 60_000 });
        from = Number(/step ([\d,]+)/.exec(await status(page).innerText())![1]!.replaceAll(',', ''));
        expect(from, `round ${round}`).toBeGreaterThanOrEqual(acknowledged);
        await expect(page.getByText('A newer copy of this run is damaged')).toHaveCount(0);
      }
      await trainOnAndOn(page);
      // From here on something is being saved nearly always.
      await expect
        .poll(async () => Math.max(0, ...said) > from || (await unopened.count()) > 0, {
          message: `round ${round}, from step ${from}`,
          timeout: STORAGE_MS,
        })
        .toBe(true);
      total.unopened += await unopened.count();
      await page.waitForTimeout(rng.below(LONGEST_MS));
      await kill(launched);
      acknowledged = Math.max(acknowledged, ...said);
    }
    expect(acknowledged).toBeGreaterThan(KILLS);
    expect(total.unopened).toBeLessThanOrEqual(Math.ceil(KILLS / 20));
    console.log(
      `${KILLS} kills: ${total.torn} in the middle of a write, ${total.unopened} browsers opened no file, ${acknowledged} steps kept, storage at most ${(total.largest / 1e6).toFixed(1)} MB, ${(total.bytes / 1e6).toFixed(1)} MB at the end`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
});
