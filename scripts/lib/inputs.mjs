// Whether work is already done: a step's stamp names the files it read, by path, size and time of change.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, root } from './run.mjs';

async function describe(path, lines) {
  const full = join(root, path);
  if (!existsSync(full)) return;
  const found = await stat(full);
  if (!found.isDirectory()) {
    lines.push(`${path} ${found.size} ${found.mtimeMs}`);
    return;
  }
  for (const name of (await readdir(full)).sort()) await describe(join(path, name), lines);
}

/** A hash that changes when a file under one of `paths` does (missing paths are fine). */
async function fingerprint(paths, ignore) {
  const lines = [];
  for (const path of paths) await describe(path, lines);
  return createHash('sha256')
    .update(lines.filter((line) => !ignore.test(line)).join('\n'))
    .digest('hex');
}

/**
 * Does `work` unless its inputs are those of the last time and `output` is there. The inputs are read before the work, so that
 * a change in its midst is noticed the next time.
 * @returns {Promise<string>} what happened, in words
 */
export async function unlessDone(name, { inputs, output, ignore = /^$/ }, work) {
  const stamp = join(cacheFolder, 'stamps', name);
  const now = await fingerprint(inputs, ignore);
  const before = await readFile(stamp, 'utf8').catch(() => '');
  if (now === before && existsSync(join(root, output))) return 'up to date';
  await work();
  await mkdir(join(cacheFolder, 'stamps'), { recursive: true });
  await writeFile(stamp, now);
  return 'done';
}
