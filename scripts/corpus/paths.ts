// The folders the preparation reads and writes, from the repository's root (where npm runs scripts).
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = process.cwd();
export const CACHE = path.join(ROOT, '.cache', 'corpus');
export const OUTPUT = path.join(ROOT, 'public');
export const TOKENIZER = path.join(ROOT, 'src', 'data', 'default', 'tokenizer.json');

export const packageFolder = (name: string) => path.join(ROOT, 'node_modules', ...name.split('/'));

/** Installed version of a package, or null. */
export function installedVersion(name: string): string | null {
  const file = path.join(packageFolder(name), 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : null;
}
