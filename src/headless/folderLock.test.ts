// One process a run folder: a second one is told whose it is, and a lock that nobody holds any more is no hindrance.
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
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

/** An announcement as another process would leave it. */
const announce = (pid: number | string, began = '', host = hostname()): Promise<void> =>
  writeFile(join(folder, `lock~${pid}~${began}~${host}~x`), '');
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
    await announce(await ended());
    await (await lockFolder(folder)).release();
  });

  it.runIf(process.platform === 'linux')('of a process whose number was used again is taken away', async () => {
    await announce(process.pid, 'another-start');
    await (await lockFolder(folder)).release();
  });

  it('that names no process is taken away', async () => {
    for (const pid of ['', 'x', '-1', '1e3', '0']) {
      await announce(pid);
      await (await lockFolder(folder)).release();
      expect(await readdir(folder)).toEqual([]);
    }
  });

  it('of another machine stands, with a word on what to do', async () => {
    await announce(1, '', 'elsewhere');
    expect(await refusal()).toContain(`if it does not, delete ${join(folder, 'lock~1~~elsewhere~x')}`);
  });

  it('is got by one of many who find a dead one at once, round after round', async () => {
    const dead = await ended();
    for (let round = 0; round < 4; round++) {
      await announce(dead);
      const settled = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
      const got = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(got.length).toBe(1);
      await got[0]!.release();
      expect(await readdir(folder)).toEqual([]);
    }
  }, 60_000);

  it('made for nothing takes its folder along', async () => {
    const made = join(folder, 'new');
    await (await lockFolder(made)).release();
    expect(await readdir(folder)).toEqual([]);
  });
});
