// The page's private files as they lie, read without the engine, and what must be true of them whenever the browser was killed.
import type { Page } from '@playwright/test';
import { SLOTS } from '../src/checkpoint/slots';
import { expect } from './test';

/** Room of a run's moments, MB: a few checkpoints, so that they give way to each other all the time. */
export const BUDGET_MB = 20;
/** Of a commit record, see checkpoint/slots.ts. */
const RECORD_BYTES = 24;

/** A file as it lies in the page's private file system. */
interface Kept {
  readonly length: number;
  readonly sha256: string;
  readonly crc32: number;
  /** Its bytes as Latin-1, of a record or a list; null of anything else. */
  readonly text: string | null;
}
type Files = ReadonlyMap<string, Kept>;

/** All files of the page's private file system, read and summed without the engine. */
async function filesOf(page: Page): Promise<Files> {
  const found = await page.evaluate(async () => {
    const crcOfByte = Uint32Array.from({ length: 256 }, (_, byte) => {
      let crc = byte;
      for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
      return crc;
    });
    const crcOf = (bytes: Uint8Array): number => {
      let crc = 0xffffffff;
      for (let at = 0; at < bytes.length; at++) crc = crcOfByte[(crc ^ bytes[at]!) & 255]! ^ (crc >>> 8);
      return ~crc >>> 0;
    };
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle('runs', { create: true });
    const files: [string, Kept][] = [];
    for await (const [name, handle] of folder as unknown as AsyncIterable<[string, FileSystemFileHandle]>) {
      const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
      const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
      files.push([
        name,
        {
          length: bytes.length,
          sha256: Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join(''),
          crc32: crcOf(bytes),
          text: /\.commit$|\.ladder\./.test(name) ? Array.from(bytes, (byte) => String.fromCharCode(byte)).join('') : null,
        },
      ]);
    }
    return files;
  });
  return new Map(found);
}

/** The newest whole version of `name`, read without the engine, and how many of its slots are torn. */
function newest(files: Files, name: string): { file: Kept | null; torn: number } {
  let torn = 0;
  let best: { sequence: bigint; file: Kept } | null = null;
  for (const slot of SLOTS) {
    const [file, commit] = [files.get(`${name}.${slot}`), files.get(`${name}.${slot}.commit`)];
    if (!file && !commit) continue;
    const record = Buffer.from(commit?.text ?? '', 'latin1');
    const isWhole =
      record.length === RECORD_BYTES &&
      file?.length === Number(record.readBigUInt64LE(8)) &&
      file.crc32 === record.readUInt32LE(16);
    if (!isWhole) torn++;
    else if (!best || record.readBigUInt64LE(0) > best.sequence) best = { sequence: record.readBigUInt64LE(0), file };
  }
  return { file: best?.file ?? null, torn };
}

/** All files with their lengths, and which version a record counts. */
function described(files: Files): string {
  const versionOf = ({ text }: Kept): string =>
    text?.length === RECORD_BYTES ? ` of version ${Buffer.from(text, 'latin1').readBigUInt64LE(0)}` : '';
  return [...files].map(([name, file]) => `${name} (${file.length} bytes${versionOf(file)})`).join(', ');
}

interface Moments {
  readonly rungs: readonly { readonly step: number; readonly kind: string; readonly sha256: string }[];
}

/** Every moment that the list names is there, whole. @returns the last checkpoint's step, and files that the list does not name */
function expectWholeMoments(files: Files, runId: string): { last: number; unnamed: string[] } {
  const { file: list } = newest(files, `${runId}.ladder`);
  const { rungs } = list ? (JSON.parse(Buffer.from(list.text!, 'latin1').toString()) as Moments) : { rungs: [] };
  const named = new Set(rungs.map(({ kind, step }) => `${kind}.${step}`));
  const lacking = rungs.filter(({ kind, step, sha256 }) => files.get(`${runId}.${kind}.${step}`)?.sha256 !== sha256);
  expect(lacking, `named, and not there as named; there are ${described(files)}`).toEqual([]);
  const last = Math.max(0, ...rungs.filter(({ kind }) => kind === 'checkpoint').map(({ step }) => step));
  const moments = [...files.keys()]
    .map((name) => name.slice(runId.length + 1))
    .filter((name) => /^(snapshot|checkpoint)\./.test(name));
  return { last, unnamed: moments.filter((name) => !named.has(name)) };
}

/** What the storage holds after a kill: all that was told, whole. */
export interface Found {
  readonly isKept: boolean;
  readonly checkpoint: number;
  readonly bytes: number;
  /** What the kill cut short, as far as the files tell. */
  readonly torn: readonly string[];
}

/** Reads everything, as the browser that was killed has left it. @param acknowledged the last step told @param checkpoint the last one found before */
export async function expectWhole(page: Page, acknowledged: number, checkpoint: number): Promise<Found> {
  const files = await filesOf(page);
  const names = [...files.keys()];
  expect(new Set(names.map((name) => name.split('.')[0])).size).toBeLessThanOrEqual(1);
  const runId = names.find((name) => name.includes('.state.'))?.split('.')[0] ?? '';
  const state = newest(files, `${runId}.state`);
  const isKept = state.file !== null;
  expect(isKept || acknowledged === 0).toBe(true);
  const { last, unnamed } = expectWholeMoments(files, runId);
  expect(last).toBeGreaterThanOrEqual(checkpoint);
  const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  // Two copies of the state, the moments within their room, one that the kill has left, and some text.
  const size = state.file?.length ?? 0;
  expect(bytes).toBeLessThanOrEqual(2 * size + BUDGET_MB * 1e6 + size + 2e6);
  const parts = ['state', 'history', 'about', 'ladder'].filter((part) => newest(files, `${runId}.${part}`).torn > 0);
  return { isKept, checkpoint: last, bytes, torn: [...parts, ...unnamed] };
}
