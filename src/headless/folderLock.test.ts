// One process a run folder: a second one is told whose it is, and a lock that nobody holds any more is no hindrance.
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFolder } from './folderLock';
import { Trouble } from './trouble';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const lockOf = (owner: object): Promise<void> => writeFile(join(folder, 'lock'), JSON.stringify(owner));
const refusal = (): Promise<string> =>
  lockFolder(folder).then(
    () => 'none',
    (thrown: unknown) =>
      thrown instanceof Trouble ? `${thrown.exitCode}: ${thrown.message}` : `not a Trouble: ${String(thrown)}`,
  );
/** The number of a process that has ended. */
const ended = (): Promise<number> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, ['-e', '']);
    child.on('close', () => resolve(child.pid!));
  });

describe('the lock of a run folder', () => {
  it('keeps a second process out, and says which one is in', async () => {
    const lock = await lockFolder(folder);
    expect(await refusal()).toBe(
      `1: Process ${process.pid} on ${hostname()} is using ${folder}. Wait for it, stop it, or name another folder.`,
    );
    await lock.release();
    const again = await lockFolder(folder);
    await again.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('of a process that is gone is taken away', async () => {
    await lockOf({ pid: await ended(), host: hostname(), began: null, id: 'x' });
    await (await lockFolder(folder)).release();
  });

  it.runIf(process.platform === 'linux')('of a process whose number was used again is taken away', async () => {
    await lockOf({ pid: process.pid, host: hostname(), began: 'another start', id: 'x' });
    await (await lockFolder(folder)).release();
  });

  it('that says nothing is taken away', async () => {
    for (const text of ['', '{', '{"pid":"1"}', 'null']) {
      await writeFile(join(folder, 'lock'), text);
      await (await lockFolder(folder)).release();
    }
  });

  it('of another machine stands, with a word on what to do', async () => {
    await lockOf({ pid: 1, host: 'elsewhere', began: null, id: 'x' });
    expect(await refusal()).toContain(`if it does not, delete ${join(folder, 'lock')}`);
  });

  it('is got by one of many who find a dead one at once', async () => {
    const dead = { pid: await ended(), host: hostname(), began: null, id: 'x' };
    for (let round = 0; round < 10; round++) {
      await lockOf(dead);
      const settled = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
      const got = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(got.length).toBe(1);
      await got[0]!.release();
      expect(await readdir(folder)).toEqual([]);
    }
  });

  it('released late leaves the lock of its successor alone', async () => {
    const lock = await lockFolder(folder);
    await lockOf({ pid: 1, host: 'elsewhere', began: null, id: 'x' });
    await lock.release();
    expect(await readFile(join(folder, 'lock'), 'utf8')).toContain('elsewhere');
  });

  it('made for nothing takes its folder along', async () => {
    const made = join(folder, 'new');
    await (await lockFolder(made)).release();
    expect(await readdir(folder)).toEqual([]);
  });
});
