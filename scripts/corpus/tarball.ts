// Reads a .tgz as a stream and keeps only the files asked for: the archives here are a hundred times larger than what is used of them.
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

const BLOCK = 512;

/** Calls `keep` with each file's path; files it wants are handed to `take` whole. Ustar with pax and GNU long names. */
export async function readTarball(
  file: string,
  keep: (path: string) => boolean,
  take: (path: string, content: Buffer) => void,
): Promise<void> {
  let pending: Buffer = Buffer.alloc(0);
  let skip = 0;
  let longName: string | null = null;
  for await (const chunk of createReadStream(file).pipe(createGunzip())) {
    pending = pending.length === 0 ? (chunk as Buffer) : Buffer.concat([pending, chunk as Buffer]);
    for (;;) {
      const skipped = Math.min(skip, pending.length);
      pending = pending.subarray(skipped);
      skip -= skipped;
      if (skip > 0 || pending.length < BLOCK) break;
      const header = pending.subarray(0, BLOCK);
      if (header[0] === 0) {
        skip = BLOCK;
        continue;
      }
      const size = parseInt(field(header, 124, 12), 8);
      const padded = Math.ceil(size / BLOCK) * BLOCK;
      const type = String.fromCharCode(header[156] ?? 0);
      const name = longName ?? [field(header, 345, 155), field(header, 0, 100)].filter(Boolean).join('/');
      const wanted = type === 'x' || type === 'L' || ((type === '0' || type === '\0') && keep(name));
      if (!wanted) {
        longName = null;
        skip = BLOCK + padded;
        continue;
      }
      if (pending.length < BLOCK + padded) break;
      const content = pending.subarray(BLOCK, BLOCK + size);
      pending = pending.subarray(BLOCK + padded);
      if (type === 'L') longName = field(content, 0, size);
      else if (type === 'x') longName = paxPath(content.toString('utf8')) ?? longName;
      else {
        longName = null;
        take(name, Buffer.from(content));
      }
    }
  }
}

function field(bytes: Buffer, at: number, length: number): string {
  const text = bytes.subarray(at, at + length);
  const end = text.indexOf(0);
  return text
    .subarray(0, end < 0 ? length : end)
    .toString('utf8')
    .trim();
}

const paxPath = (records: string) => /(?:^|\n)\d+ path=([^\n]*)\n/.exec(records)?.[1] ?? null;
