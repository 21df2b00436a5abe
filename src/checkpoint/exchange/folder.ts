// The files of a checkpoint, wherever they come from: chosen or dropped one by one, or packed in a zip.
import type { FieldError } from '../../config/fieldError';
import { clipped, shown } from '../../core/jsonReader';
import { err, ok, type Result } from '../../core/result';

export const CONFIG_FILE = 'config.json';

export interface ExchangeError {
  readonly offence:
    | 'missing' // a file that has to be there
    | 'ambiguous' // two files of one name
    | 'too-long' // a file that is longer than anything of its kind
    | 'zip' // no zip, damaged, or more than it says
    | 'config' // fields
    | 'container' // a safetensors file that breaks a rule of the format
    | 'index' // of a sharded checkpoint
    | 'tensor' // a name, shape or type that does not belong to the model
    | 'too-large' // the model does not fit; detail: needed and available
    | 'unreadable' // the browser or the disk gave no bytes
    | 'not-dots1' // a model of ours that the published format cannot say
    | 'overflow'; // a weight beyond the largest number of the chosen type
  /** '' where it is about no one file. */
  readonly file: string;
  /** In English, for a log. */
  readonly detail: string;
  /** For 'config': the fields. */
  readonly fields?: readonly FieldError[];
}

export const fault = (offence: ExchangeError['offence'], file: string, detail: string): Result<never, ExchangeError> =>
  // Names in a zip are as long as it likes.
  err({ offence, file: clipped(file), detail });

export interface FolderFile {
  /** Bytes, as told by whatever holds it. */
  readonly size: number;
  /** Its bytes; at most `size` of them, or an error. Rejects only with the reason of an aborted signal. */
  read(part?: ReadPart): Promise<Result<Blob, ExchangeError>>;
}

export interface ReadPart {
  /** Only as many bytes are needed from the start; more may come. */
  readonly most?: number;
  readonly signal?: AbortSignal | undefined;
}

/** By name, without folders. */
export type Folder = ReadonlyMap<string, FolderFile>;

/** The file `name`, or that it is missing. */
export function fileIn(folder: Folder, name: string): Result<FolderFile, ExchangeError> {
  const file = folder.get(name);
  if (file) return ok(file);
  const there = [...folder.keys()].slice(0, 20).map(shown).join(', ');
  return fault('missing', name, `it is not among ${there || 'no files at all'}`);
}

/** A small text file. */
export async function readText(
  folder: Folder,
  name: string,
  limit: number,
  signal?: AbortSignal,
): Promise<Result<string, ExchangeError>> {
  const file = fileIn(folder, name);
  if (!file.ok) return file;
  if (file.value.size > limit) return fault('too-long', name, `${file.value.size} bytes; the limit is ${limit}`);
  const blob = await file.value.read({ signal });
  if (!blob.ok) return blob;
  const bytes = await bytesOf(blob.value, name);
  if (!bytes.ok) return bytes;
  try {
    return { ok: true, value: new TextDecoder('utf-8', { fatal: true }).decode(bytes.value) };
  } catch {
    return fault('unreadable', name, 'it is no UTF-8');
  }
}

/** Bytes of a part of a file; a file may have been moved since it was chosen. */
export async function bytesOf(blob: Blob, name: string): Promise<Result<Uint8Array<ArrayBuffer>, ExchangeError>> {
  try {
    return { ok: true, value: new Uint8Array(await blob.arrayBuffer()) };
  } catch (thrown) {
    return fault('unreadable', name, thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/**
 * The folder of a checkpoint among `files`: where config.json lies, and what lies beside it. A zip, or a dropped folder, may hold others.
 * Without a config.json: all of them, for an error that says what is there.
 */
export function folderOf(files: Iterable<readonly [path: string, file: FolderFile]>): Result<Folder, ExchangeError> {
  const all = [...files].map(([path, file]) => {
    const parts = path.split('/');
    return { name: parts.pop()!, place: parts.join('/'), depth: parts.length, file };
  });
  const configs = all.filter(({ name }) => name === CONFIG_FILE).sort((one, other) => one.depth - other.depth);
  const [config, next] = configs;
  if (config && next?.depth === config.depth)
    return fault('ambiguous', CONFIG_FILE, `there is one in ${shown(config.place)} and one in ${shown(next.place)}`);
  const folder = new Map<string, FolderFile>();
  for (const { name, place, file } of all) {
    if (config && place !== config.place) continue;
    if (folder.has(name)) return fault('ambiguous', name, 'two files have this name');
    folder.set(name, file);
  }
  return { ok: true, value: folder };
}

/** A file that is there already, chosen or dropped. */
export const fileOf = (blob: Blob): FolderFile => ({ size: blob.size, read: () => Promise.resolve({ ok: true, value: blob }) });
