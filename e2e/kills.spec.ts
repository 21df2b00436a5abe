// The browser process is killed at random moments of saving, again and again on one profile: what it had said to be kept is there, whole,
// and the storage does not creep. KILLS sets how often; the moments are those of the seed. Each kill that is passed is a line on stdout and in
// .cache/e2e, so that a run cut off still tells how many it saw.
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from '@playwright/test';
import { SLOTS } from '../src/checkpoint/slots';
import { QUIET_SWITCHES } from '../scripts/lib/chromiumSwitches.mjs';
import { rngFor } from '../src/core/rng';
import { expect, test } from './test';
import { status } from './trainPage';

const KILLS = Number(process.env['KILLS'] ?? 10);
const SEED = 11;
/** What is killed needs no graphics, and starts sooner without. */
const SWITCHES = [...QUIET_SWITCHES, '--disable-gpu'];
/** A step takes moments and its state is megabytes, so that most of the time something is being written. */
const SAVING =
  '1~train~default~hiddenSize_64~headDim_16~numAttentionHeads_2~numKeyValueHeads_2~intermediateSize_128~moeIntermediateSize_32~numHiddenLayers_3~nRoutedExperts_8~batchSize_4~sequenceLength_16~validationEvery_0~sampleEvery_0';
const TOKENS_A_STEP = 4 * 16;
/** Room of the run's moments, MB: a few checkpoints, so that they give way to each other all the time. */
const BUDGET_MB = 20;
const MOMENTS = { everyTokens: 4 * TOKENS_A_STEP, checkpointEvery: 1, type: 'BF16', budgetMb: BUDGET_MB };
/** Longest time from the first copy of a round to the kill, ms. */
const LONGEST_MS = 1500;
/** Longest until something is kept or refused: a file that does not open for writing is given up after 20 s and said. */
const STORAGE_MS = 120_000;

/** Of a commit record, see checkpoint/slots.ts. */
const RECORD_BYTES = 24;

interface Launched {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Steps the page has said to be kept. */
  readonly said: number[];
  /** Resolves at the first step it says. */
  readonly firstSaid: Promise<void>;
}

async function launch(folder: string, use: { readonly [option: string]: unknown }): Promise<Launched> {
  const context = await chromium.launchPersistentContext(folder, use);
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
const started = (page: Page): Promise<void> => page.getByRole('banner').getByText(/WASM/).first().waitFor({ timeout: 60_000 });

/** Ends the browser as a power cut would end it. */
async function kill({ context }: Launched): Promise<void> {
  const devtools = await context.browser()!.newBrowserCDPSession();
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  const { id } = processInfo.find(({ type }) => type === 'browser')!;
  const closed = new Promise((resolve) => context.once('close', resolve));
  process.kill(id, 'SIGKILL');
  await closed;
}

/** Trains step after step, each kept before the next begins or while it runs. @param from the step that is kept already */
const trainOnAndOn = (page: Page, from: number): Promise<void> =>
  page.evaluate((before) => {
    const { sayKept } = window as unknown as { sayKept(step: number): Promise<void> };
    let last = before;
    setInterval(() => {
      const kept = Number(/Kept in this browser: step ([\d,]+)/.exec(document.body.textContent)?.[1]?.replaceAll(',', '') ?? 0);
      if (kept > last) void sayKept((last = kept));
      document.querySelector<HTMLButtonElement>('button[aria-label="One step"]:not([disabled])')?.click();
    }, 5);
  }, from);

/** A file as it lies in the page's private file system. */
interface Kept {
  readonly length: number;
  readonly sha256: string;
  readonly crc32: number;
  /** Its bytes as Latin-1, of a record or a list; null of anything else. */
  readonly text: string | null;
}
type Files = ReadonlyMap<string, Kept>;

/** All files of the page's private file system, read and summed without the engine. */
async function filesOf(page: Page): Promise<Files> {
  const found = await page.evaluate(async () => {
    const crcOfByte = Uint32Array.from({ length: 256 }, (_, byte) => {
      let crc = byte;
      for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
      return crc;
    });
    const crcOf = (bytes: Uint8Array): number => {
      let crc = 0xffffffff;
      for (let at = 0; at < bytes.length; at++) crc = crcOfByte[(crc ^ bytes[at]!) & 255]! ^ (crc >>> 8);
      return ~crc >>> 0;
    };
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle('runs', { create: true });
    const files: [string, Kept][] = [];
    for await (const [name, handle] of folder as unknown as AsyncIterable<[string, FileSystemFileHandle]>) {
      const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
      const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
      files.push([
        name,
        {
          length: bytes.length,
          sha256: Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join(''),
          crc32: crcOf(bytes),
          text: /\.commit$|\.ladder\./.test(name) ? Array.from(bytes, (byte) => String.fromCharCode(byte)).join('') : null,
        },
      ]);
    }
    return files;
  });
  return new Map(found);
}

/** The newest whole version of `name`, read without the engine, and how many of its slots are torn. */
function newest(files: Files, name: string): { file: Kept | null; torn: number } {
  let torn = 0;
  let best: { sequence: bigint; file: Kept } | null = null;
  for (const slot of SLOTS) {
    const [file, commit] = [files.get(`${name}.${slot}`), files.get(`${name}.${slot}.commit`)];
    if (!file && !commit) continue;
    const record = Buffer.from(commit?.text ?? '', 'latin1');
    const isWhole =
      record.length === RECORD_BYTES &&
      file?.length === Number(record.readBigUInt64LE(8)) &&
      file.crc32 === record.readUInt32LE(16);
    if (!isWhole) torn++;
    else if (!best || record.readBigUInt64LE(0) > best.sequence) best = { sequence: record.readBigUInt64LE(0), file };
  }
  return { file: best?.file ?? null, torn };
}

/** All files with their lengths, and which version a record counts. */
function described(files: Files): string {
  const versionOf = ({ text }: Kept): string =>
    text?.length === RECORD_BYTES ? ` of version ${Buffer.from(text, 'latin1').readBigUInt64LE(0)}` : '';
  return [...files].map(([name, file]) => `${name} (${file.length} bytes${versionOf(file)})`).join(', ');
}

interface Moments {
  readonly rungs: readonly { readonly step: number; readonly kind: string; readonly sha256: string }[];
}

/** Every moment that the list names is there, whole. @returns the last checkpoint's step, and files that the list does not name */
function expectWholeMoments(files: Files, runId: string): { last: number; unnamed: string[] } {
  const { file: list } = newest(files, `${runId}.ladder`);
  const { rungs } = list ? (JSON.parse(Buffer.from(list.text!, 'latin1').toString()) as Moments) : { rungs: [] };
  const named = new Set(rungs.map(({ kind, step }) => `${kind}.${step}`));
  const lacking = rungs.filter(({ kind, step, sha256 }) => files.get(`${runId}.${kind}.${step}`)?.sha256 !== sha256);
  expect(lacking, `named, and not there as named; there are ${described(files)}`).toEqual([]);
  const last = Math.max(0, ...rungs.filter(({ kind }) => kind === 'checkpoint').map(({ step }) => step));
  const moments = [...files.keys()]
    .map((name) => name.slice(runId.length + 1))
    .filter((name) => /^(snapshot|checkpoint)\./.test(name));
  return { last, unnamed: moments.filter((name) => !named.has(name)) };
}

/** What the storage holds after a kill: all that was told, whole. */
interface Found {
  readonly isKept: boolean;
  readonly checkpoint: number;
  readonly bytes: number;
  /** What the kill cut short, as far as the files tell. */
  readonly torn: readonly string[];
}

/** Reads everything, as the browser that was killed has left it. @param acknowledged the last step told @param checkpoint the last one found before */
async function expectWhole(page: Page, acknowledged: number, checkpoint: number): Promise<Found> {
  const files = await filesOf(page);
  const names = [...files.keys()];
  expect(new Set(names.map((name) => name.split('.')[0])).size).toBeLessThanOrEqual(1);
  const runId = names.find((name) => name.includes('.state.'))?.split('.')[0] ?? '';
  const state = newest(files, `${runId}.state`);
  const isKept = state.file !== null;
  expect(isKept || acknowledged === 0).toBe(true);
  const { last, unnamed } = expectWholeMoments(files, runId);
  expect(last).toBeGreaterThanOrEqual(checkpoint);
  const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  // Two copies of the state, the moments within their room, one that the kill has left, and some text.
  const size = state.file?.length ?? 0;
  expect(bytes).toBeLessThanOrEqual(2 * size + BUDGET_MB * 1e6 + size + 2e6);
  const parts = ['state', 'history', 'about', 'ladder'].filter((part) => newest(files, `${runId}.${part}`).torn > 0);
  return { isKept, checkpoint: last, bytes, torn: [...parts, ...unnamed] };
}

/** Goes on with the run that the page offers. @returns the step where it stands */
async function resume(page: Page): Promise<number> {
  await page.getByRole('status').filter({ hasText: 'stands at step' }).waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Resume' }).click();
  const paused = status(page).filter({ hasText: 'Paused at step' });
  await paused.waitFor({ timeout: 60_000 });
  return Number(/step ([\d,]+)/.exec(await paused.innerText())![1]!.replaceAll(',', ''));
}

/** Resolves when a step is kept, or when the page says that a file does not open. @returns whether the latter */
async function somethingKept({ page, firstSaid }: Launched): Promise<boolean> {
  const unopened = page.getByText(/a file was not .* within/).first();
  const refused = unopened.waitFor({ timeout: STORAGE_MS }).then(() => true);
  refused.catch(() => undefined);
  try {
    return await Promise.race([firstSaid.then(() => false), refused]);
  } catch {
    throw new Error(`nothing was kept for ${STORAGE_MS / 1000} s, without a word: ${await status(page).innerText()}`);
  }
}

test(`${KILLS} kills of the browser at random moments of saving: nothing that was said to be kept is lost`, async ({
  contextOptions,
  launchOptions,
  baseURL,
}, testInfo) => {
  test.setTimeout(STORAGE_MS + KILLS * 30_000);
  const folder = await mkdtemp(join(tmpdir(), 'kills-'));
  const rng = rngFor(SEED, 'data');
  const total = { torn: 0, unopened: 0, bytes: 0, largest: 0 };
  let [acknowledged, checkpoint, killedAfter, began] = [0, 0, 0, Date.now()];
  const report = async ({ bytes, torn }: Found, round: number, stands: number): Promise<void> => {
    const cut = torn.length > 0 ? `cut short: ${torn.join(', ')}` : 'between two writes';
    const line = `kill ${round} of ${KILLS}, ${killedAfter} ms after a copy, ${cut}; step ${acknowledged} was told, ${stands} is there; storage ${(bytes / 1e6).toFixed(1)} MB; ${((Date.now() - began) / 1000).toFixed(1)} s`;
    began = Date.now();
    console.log(line);
    await appendFile(testInfo.outputPath('kills.txt'), `${line}\n`);
  };
  try {
    for (let round = 0; round <= KILLS; round++) {
      const launched = await launch(folder, { ...contextOptions, ...launchOptions, args: SWITCHES, baseURL });
      const { page, said } = launched;
      let from = 0;
      if (round === 0) await started(page);
      else {
        // Read while the engine starts, which writes nothing.
        const [found] = await Promise.all([expectWhole(page, acknowledged, checkpoint), started(page)]);
        if (found.torn.length > 0) total.torn++;
        [checkpoint, total.bytes, total.largest] = [found.checkpoint, found.bytes, Math.max(total.largest, found.bytes)];
        if (found.isKept) {
          from = await resume(page);
          expect(from, `round ${round}`).toBeGreaterThanOrEqual(acknowledged);
          await expect(page.getByText('A newer copy of this run is damaged')).toHaveCount(0);
        }
        await report(found, round, from);
      }
      if (round === KILLS) {
        await launched.context.close();
        break;
      }
      await trainOnAndOn(page, from);
      // From here on something is being saved nearly always.
      if (await somethingKept(launched)) {
        total.unopened++;
        console.log(`round ${round}: a file did not open`);
      }
      killedAfter = rng.below(LONGEST_MS);
      await page.waitForTimeout(killedAfter);
      await kill(launched);
      acknowledged = Math.max(acknowledged, ...said);
    }
    expect(acknowledged).toBeGreaterThan(KILLS);
    expect(total.unopened).toBe(0);
    console.log(
      `${KILLS} kills: ${total.torn} in the middle of a write, ${total.unopened} browsers opened no file, ${acknowledged} steps kept, storage at most ${(total.largest / 1e6).toFixed(1)} MB, ${(total.bytes / 1e6).toFixed(1)} MB at the end`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
});
