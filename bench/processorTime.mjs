// Processor time by thread, as Linux counts it: what a page takes beside the workers that train. Elsewhere nothing is known.
import { readdirSync, readFileSync } from 'node:fs';

/** Threads of workers: the engine and its helpers. Their names are cut to 15 letters. */
const WORKER_THREAD = 'DedicatedWorker';

const read = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null; // it has ended meanwhile
  }
};
const numbersIn = (folder) => {
  try {
    return readdirSync(folder).filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
};

/** Processes that descend from this one. */
function descendants() {
  const parentOf = new Map();
  for (const pid of numbersIn('/proc')) {
    const stat = read(`/proc/${pid}/stat`);
    // The name, in parentheses, may hold anything; state and parent follow it.
    if (stat) parentOf.set(pid, stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  }
  const isOurs = (pid) => pid !== undefined && (parentOf.get(pid) === String(process.pid) || isOurs(parentOf.get(pid)));
  return [...parentOf.keys()].filter(isOurs);
}

/**
 * A meter over all processes that descend from this one: the browser's.
 * @returns ms of processor time since then, in threads of workers and in all others together; null where it cannot be told
 */
export function processorMeter() {
  const now = () => {
    const times = new Map();
    for (const pid of descendants()) {
      for (const thread of numbersIn(`/proc/${pid}/task`)) {
        const spent = read(`/proc/${pid}/task/${thread}/schedstat`);
        const name = read(`/proc/${pid}/task/${thread}/comm`);
        if (spent && name) times.set(thread, { isWorker: name.startsWith(WORKER_THREAD), ms: Number(spent.split(' ')[0]) / 1e6 });
      }
    }
    return times;
  };
  const before = now();
  return () => {
    const since = { workersMs: 0, othersMs: 0 };
    for (const [thread, { isWorker, ms }] of now())
      since[isWorker ? 'workersMs' : 'othersMs'] += ms - (before.get(thread)?.ms ?? 0);
    return since.workersMs > 0 ? since : null;
  };
}
