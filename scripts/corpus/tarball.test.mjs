import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readTarball } from './tarball';

const BLOCK = 512;

function entry(name, content, type = '0', prefix = '') {
  const body = Buffer.from(content);
  const blocks = Buffer.alloc(BLOCK + Math.ceil(body.length / BLOCK) * BLOCK);
  blocks.write(name, 0, 100);
  blocks.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
  blocks.write(type, 156);
  blocks.write(prefix, 345, 155);
  body.copy(blocks, BLOCK);
  return blocks;
}

const pax = (file) => {
  const record = ` path=${file}\n`;
  const length = Buffer.byteLength(record);
  return `${length + String(length + 2).length}${record}`;
};

test('only the wanted files are handed out, under their full names, byte for byte', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tarball-'));
  try {
    const large = Buffer.alloc(300_000, 'large ');
    const long = `package/${'很长的名字'.repeat(30)}.md`;
    const archive = Buffer.concat([
      entry('package/a.md', 'first'),
      entry('package/picture.jpg', large),
      entry('b.md', large, '0', 'package/inside'),
      entry('PaxHeader', pax(long), 'x'),
      entry('cut off', 'long name'),
      entry('././@LongLink', 'package/gnu.md\0', 'L'),
      entry('cut off', 'gnu name'),
      entry('package/folder.md/', '', '5'),
      entry('package/empty.md', ''),
      Buffer.alloc(2 * BLOCK),
    ]);
    const file = path.join(folder, 'a.tgz');
    writeFileSync(file, gzipSync(archive));
    const found = new Map();
    await readTarball(
      file,
      (name) => name.endsWith('.md'),
      (name, content) => found.set(name, content),
    );
    expect([...found.keys()]).toEqual(['package/a.md', 'package/inside/b.md', long, 'package/gnu.md', 'package/empty.md']);
    expect(found.get('package/inside/b.md').equals(large)).toBe(true);
    expect(found.get(long).toString()).toBe('long name');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
