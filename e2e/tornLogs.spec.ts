// A browser killed in the middle of an entry of its own logs, which a kill at a random moment seldom is: the half entry is put there by hand.
// What the next browser keeps is there in the one after it.
import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kill, launch, resume, started, trainOnAndOn, type Launched } from './killedBrowser';
import { overPlainHttp, PLAIN_SWITCH } from './plainHttp';
import { expectWhole } from './privateFiles';
import { expect, test as base } from './test';

/** Steps after which moments have come and gone. */
const STEPS = 12;
/** Checksum, length and kind of a LevelDB record; the 150 bytes that it announces do not follow. */
const HEAD = Uint8Array.of(1, 2, 3, 4, 150, 0, 1);

const test = base.extend<{ folder: string }>({
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'torn-'));
    await use(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  },
});

/** Leaves half an entry at the end of every log below `part` of the profile. @returns how many logs there are */
async function tear(profile: string, part: string): Promise<number> {
  const below = join(profile, 'Default', part);
  const logs = (await readdir(below, { recursive: true })).filter((path) => /\/\d+\.log$/.test(path));
  for (const log of logs) await appendFile(join(below, log), HEAD);
  return logs.length;
}

/** Goes on from step `from` for some steps that are kept, and kills. @returns the last step told */
async function trainAndKill(launched: Launched, from: number): Promise<number> {
  await trainOnAndOn(launched.page, from);
  await expect.poll(() => Math.max(0, ...launched.said), { timeout: 60_000 }).toBeGreaterThanOrEqual(from + STEPS);
  await kill(launched);
  return Math.max(...launched.said);
}

test('moments kept after a name was torn are there when the browser starts again', async ({
  folder,
  contextOptions,
  launchOptions,
  baseURL,
}) => {
  const again = () => launch(folder, { ...contextOptions, ...launchOptions, baseURL });
  const first = await again();
  await started(first.page);
  let told = await trainAndKill(first, 0);
  expect(await tear(folder, 'File System')).toBeGreaterThan(0);
  const second = await again();
  const { checkpoint } = await expectWhole(second.page, told, 0);
  told = await trainAndKill(second, await resume(second.page));
  const third = await again();
  expect((await expectWhole(third.page, told, checkpoint)).checkpoint).toBeGreaterThan(checkpoint);
  expect(await resume(third.page)).toBeGreaterThanOrEqual(told);
  await third.context.close();
});

test('a database survives an entry that was torn', async ({ folder, contextOptions, launchOptions, baseURL }) => {
  const plain = { ...contextOptions, ...launchOptions, baseURL: overPlainHttp(baseURL!) };
  const again = () => launch(folder, plain, [PLAIN_SWITCH]);
  const first = await again();
  await started(first.page);
  let told = await trainAndKill(first, 0);
  expect(await tear(folder, 'IndexedDB')).toBeGreaterThan(0);
  const second = await again();
  told = await trainAndKill(second, await resume(second.page));
  const third = await again();
  expect(await resume(third.page)).toBeGreaterThanOrEqual(told);
  await third.context.close();
});
