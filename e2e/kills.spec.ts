// The browser process is killed at random moments of saving, again and again on one profile: what it had said to be kept is there, whole,
// and the storage does not creep. KILLS sets how often; the moments are those of the seed. Each kill that is passed is a line on stdout and in
// .cache/e2e, so that a run cut off still tells how many it saw.
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rngFor } from '../src/core/rng';
import { kill, launch, resume, started, trainOnAndOn, type Launched } from './killedBrowser';
import { expectWhole, type Found } from './privateFiles';
import { expect, test } from './test';
import { status } from './trainPage';

const KILLS = Number(process.env['KILLS'] ?? 10);
const SEED = 11;
/** Longest time from the first copy of a round to the kill, ms. */
const LONGEST_MS = 1500;
/** Longest until something is kept or refused: a file that does not open for writing is given up after 20 s and said. */
const STORAGE_MS = 120_000;

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
      const launched = await launch(folder, { ...contextOptions, ...launchOptions, baseURL });
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
