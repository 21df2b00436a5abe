import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

test('the lock file pins every package for every platform, by version and hash, and names no registry', async () => {
  const text = await readFile(new URL('../package-lock.json', import.meta.url), 'utf8');
  const { packages } = JSON.parse(text);
  const unpinned = Object.entries(packages).filter(([path, { version, integrity }]) => path !== '' && !(version && integrity));
  expect(unpinned.map(([path]) => path)).toEqual([]);
  expect(text).not.toContain('"resolved"');
});
