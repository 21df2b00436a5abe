// One process a run folder. Each announces itself under a name of its own, then looks who else is there: of two, the later one always sees
// the earlier, so both may step back but never both stay. Only the announcement of a process that is gone is ever removed by another, and
// that process cannot come back to miss it.
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Trouble } from './trouble';

interface Owner {
  /** The announcement: an empty file, so that it is whole as soon as it is there. */
  readonly file: string;
  readonly pid: number;
  /** When the process began, as the system counts; '' where it does not say. Process numbers are used again. */
  readonly began: string;
  readonly host: string;
}

export interface FolderLock {
  release(): Promise<void>;
}

const PREFIX = 'lock~';
/** Processes that begin at the same moment step back from each other this often before they give up. */
const TRIES = 10;
/** Wait of the first in line, ms; the others wait so much longer that it finds itself alone. */
const TURN_MS = 40;

/** Makes the folder where there is none. Throws Trouble, naming the process, where another one has it. */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const isMade = (await mkdir(folder, { recursive: true })) !== undefined;
  const id = randomBytes(8).toString('hex');
  const file = [PREFIX + process.pid, await beginningOf(process.pid), encodeURIComponent(hostname()), id].join('~');
  const path = join(folder, file);
  let other: Owner | undefined;
  for (let tries = 0; tries < TRIES; tries++) {
    await writeFile(path, '', { flag: 'wx' });
    const others = await livingOwners(folder, file);
    if (others.length === 0) return { release: () => release(path, isMade ? folder : null) };
    await rm(path, { force: true });
    other = others[0];
    const place = others.filter((one) => one.file < file).length;
    await new Promise((resolve) => setTimeout(resolve, TURN_MS * (1 + place)));
  }
  throw taken(folder, other!);
}

function taken(folder: string, { pid, host, file }: Owner): Trouble {
  const advice =
    host === hostname()
      ? 'Wait for it, stop it, or name another folder.'
      : `Whether it still runs cannot be seen from here; if it does not, delete ${join(folder, file)}.`;
  return new Trouble(`Process ${pid} on ${host} is using ${folder}. ${advice}`);
}

/** @param made a folder that was made for the lock, and goes with it where nothing else came into it */
async function release(path: string, made: string | null): Promise<void> {
  await rm(path, { force: true });
  if (made !== null) await rmdir(made).catch(() => undefined);
}

/** Everyone who has announced themselves and lives, except `own`. The dead are removed. */
async function livingOwners(folder: string, own: string): Promise<Owner[]> {
  const living: Owner[] = [];
  for (const file of await readdir(folder)) {
    if (!file.startsWith(PREFIX) || file === own) continue;
    const owner = parseOwner(file);
    if (await isAlive(owner)) living.push(owner);
    else await rm(join(folder, file), { force: true });
  }
  return living;
}

/** A name that a person has changed belongs to process NaN, which nobody is. */
function parseOwner(file: string): Owner {
  const [pid = '', began = '', host = ''] = file.slice(PREFIX.length).split('~');
  return { file, pid: /^[1-9]\d*$/.test(pid) ? Number(pid) : NaN, began, host: decoded(host) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A process of another machine counts as alive: nobody here can tell. */
async function isAlive({ pid, host, began }: Owner): Promise<boolean> {
  if (Number.isNaN(pid)) return false;
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
  const now = await beginningOf(pid);
  return began === '' || now === '' || now === began;
}

/** The machine's start and clock ticks since, where the system has /proc. A process that only waits to be buried has 'ended'. */
async function beginningOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The command's name, in brackets, may hold spaces; the state is the 3rd field, the start time the 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    return fields[0] === 'Z' ? 'ended' : `${boot.trim()}.${fields[19]}`;
  } catch {
    return '';
  }
}
