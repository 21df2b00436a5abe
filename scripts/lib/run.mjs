// Child processes and the lines a person reads about them.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const cacheFolder = join(root, '.cache');

/** Something a person has to do before the script can go on; printed without a stack. */
export class Trouble extends Error {}

/**
 * Runs a program in the repository root; resolves to its exit code (1 if a signal ended it, 124 past `limitMs`).
 * Its output goes to this terminal, or, with `quiet`, comes back as text.
 */
export function run(program, args, { quiet = false, env = {}, limitMs = 0 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
      detached: limitMs > 0,
    });
    let output = '';
    child.stdout?.on('data', (data) => (output += data));
    child.stderr?.on('data', (data) => (output += data));
    let late = false;
    // The whole group: a browser started by a test runner goes with it.
    const endGroup = () => {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        child.kill('SIGKILL');
      }
    };
    const timer = limitMs > 0 ? setTimeout(() => ((late = true), endGroup()), limitMs) : undefined;
    const interrupted = () => (endGroup(), process.exit(130));
    if (limitMs > 0) process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
      resolve({ code: late ? 124 : (code ?? 1), output });
    });
  });
}

/** Runs the script a package installs under node_modules, with this Node. */
export const runTool = (path, args, options) => run(process.execPath, [join('node_modules', path), ...args], options);

export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/** Prints what is being done, then how it ended and how long it took. */
export async function step(name, work) {
  const started = performance.now();
  const outcome = await work();
  console.log(`  ${name.padEnd(14)} ${outcome} (${seconds(performance.now() - started)})`);
}
