// One process a run folder. The lock is a file that names its process; one whose process is gone is taken away.
import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Trouble } from './trouble';

interface Owner {
  readonly pid: number;
  readonly host: string;
  /** When the process began, as the system counts; null where it does not say. Process numbers are used again. */
  readonly began: string | null;
  /** Tells this lock from every other. */
  readonly id: string;
}

export interface FolderLock {
  /** Does nothing where the lock has come to belong to someone else. */
  release(): Promise<void>;
}

const LOCK = 'lock';
/** A lock that goes and comes again this often has owners that end as fast as they begin. */
const TRIES = 20;

/** Makes the folder where there is none. Throws Trouble, naming the process, where another one has it. */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const isMade = (await mkdir(folder, { recursive: true })) !== undefined;
  const path = join(folder, LOCK);
  const id = randomBytes(8).toString('hex');
  const own: Owner = { pid: process.pid, host: hostname(), began: await beginningOf(process.pid), id };
  const draft = `${path}.${id}`;
  await writeFile(draft, JSON.stringify(own));
  try {
    for (let tries = 0; tries < TRIES; tries++) {
      if (await claim(draft, path)) return { release: () => release(path, own, isMade ? folder : null) };
      const text = await readFile(path, 'utf8').catch(() => null);
      if (text === null) continue; // released just now
      const owner = parseOwner(text);
      if (owner && (await isAlive(owner))) throw taken(folder, path, owner);
      await takeAway(path, text, id);
    }
    throw new Trouble(`The lock ${path} changes all the time: other processes begin and end in this folder.`);
  } finally {
    await rm(draft, { force: true });
  }
}

function taken(folder: string, path: string, { pid, host }: Owner): Trouble {
  const advice =
    host === hostname()
      ? 'Wait for it, stop it, or name another folder.'
      : `Whether it still runs cannot be seen from here; if it does not, delete ${path}.`;
  return new Trouble(`Process ${pid} on ${host} is using ${folder}. ${advice}`);
}

/** The lock appears with its owner's name in it, or not at all. */
async function claim(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (thrown) {
    if (hasCode(thrown, 'EEXIST')) return false;
    // File systems without links (FAT): a lock written in place, which another process may for a moment see unfinished.
    return writeFile(path, await readFile(draft), { flag: 'wx' }).then(
      () => true,
      (again: unknown) => {
        if (hasCode(again, 'EEXIST')) return false;
        throw again;
      },
    );
  }
}

/** Removes the lock that holds `text`. Another process may have replaced it meanwhile: then it is put back. */
async function takeAway(path: string, text: string, id: string): Promise<void> {
  const aside = `${path}.${id}.stale`;
  await rename(path, aside).catch((thrown: unknown) => {
    if (!hasCode(thrown, 'ENOENT')) throw thrown;
  });
  const moved = await readFile(aside, 'utf8').catch(() => null);
  if (moved !== null && moved !== text) await claim(aside, path);
  await rm(aside, { force: true });
}

/** @param made a folder that was made for the lock, and goes with it where nothing else came into it */
async function release(path: string, own: Owner, made: string | null): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => '');
  if (parseOwner(text)?.id !== own.id) return;
  await rm(path, { force: true });
  if (made !== null) await rmdir(made).catch(() => undefined);
}

/** null: the file says nothing that can be believed, as after a crash of the machine. */
function parseOwner(text: string): Owner | null {
  try {
    const { pid, host, began, id } = JSON.parse(text) as Partial<Owner>;
    if (!Number.isSafeInteger(pid) || typeof host !== 'string' || typeof id !== 'string') return null;
    return { pid: pid!, host, began: typeof began === 'string' ? began : null, id };
  } catch {
    return null;
  }
}

/** A process of another machine counts as alive: nobody here can tell. */
async function isAlive({ pid, host, began }: Owner): Promise<boolean> {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    return hasCode(thrown, 'EPERM');
  }
  const now = await beginningOf(pid);
  return began === null || now === null || now === began;
}

/** Clock ticks from the machine's start, and that start, where the system has /proc. A process that only waits to be buried has none. */
async function beginningOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The command's name, in brackets, may hold spaces; state is the 3rd field, the start time the 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    return fields[0] === 'Z' ? 'ended' : `${boot.trim()} ${fields[19]}`;
  } catch {
    return null;
  }
}

const hasCode = (thrown: unknown, code: string): boolean => thrown instanceof Error && 'code' in thrown && thrown.code === code;
