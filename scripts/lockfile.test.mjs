import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const text = await readFile(new URL('../package-lock.json', import.meta.url), 'utf8');
const { packages } = JSON.parse(text);

test('every package is pinned by version and hash, and no registry is named', () => {
  const unpinned = Object.entries(packages).filter(([path, { version, integrity }]) => path !== '' && !(version && integrity));
  expect(unpinned.map(([path]) => path)).toEqual([]);
  expect(text).not.toContain('"resolved"');
});

// Where a registry lacks a platform's package npm leaves it out silently, and `npm ci` refuses the file later.
test('the packages of every platform are there', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
    ),
  );
  expect(missing).toEqual([]);
});
