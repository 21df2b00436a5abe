// A checkpoint in one zip. The library is large and loaded only when a zip is read or written; it runs here, without workers of its own.
import type { Entry, FileEntry, ZipReaderConstructorOptions } from '@zip.js/zip.js';
import { shown } from '../../core/jsonReader';
import { ok, type Result } from '../../core/result';
import { bytesOf, fault, folderOf, type ExchangeError, type Folder, type FolderFile } from './folder';

const library = () => import('@zip.js/zip.js/lib/zip-core-native.js');

/** A checkpoint has some hundred files at most. */
const MOST_ENTRIES = 1024;
/** Strict: no two entries over the same bytes, and a directory that agrees with what stands before each entry. */
const READING: ZipReaderConstructorOptions = {
  useWebWorkers: false,
  strictness: 'strict',
  checkCrc32: true,
  checkOverlappingEntry: true,
};
/** The earliest a zip can say: the same model gives the same bytes whenever it is packed. */
const EARLIEST = new Date(1980, 0, 1);

/** A file that begins as zips do, or is named as one. */
export async function isZip(file: Blob, name: string): Promise<boolean> {
  if (/\.zip$/i.test(name)) return true;
  const start = await bytesOf(file.slice(0, 4), name);
  return start.ok && beginsAsZip(start.value);
}

const beginsAsZip = (bytes: Uint8Array): boolean => ['80,75,3,4', '80,75,5,6'].includes(bytes.join());

/** The folder of a checkpoint in a zip. Nothing is unpacked before somebody reads it, and then no more than the zip has announced. */
export async function openZip(zip: Blob, name: string): Promise<Result<Folder, ExchangeError>> {
  const start = await bytesOf(zip.slice(0, 4), name);
  if (!start.ok) return start;
  if (!beginsAsZip(start.value)) return fault('zip', name, zip.size === 0 ? 'it is empty' : 'it is no zip: none begins so');
  const { BlobReader, ZipReader } = await library();
  const files: (readonly [string, FolderFile])[] = [];
  try {
    for await (const entry of new ZipReader(new BlobReader(zip), READING).getEntriesGenerator()) {
      if (files.length === MOST_ENTRIES) return fault('zip', name, `more than ${MOST_ENTRIES} entries`);
      if (isFile(entry)) files.push([entry.filename, packed(entry, name)]);
    }
  } catch (thrown) {
    return fault('zip', name, messageOf(thrown));
  }
  return folderOf(files);
}

const isFile = (entry: Entry): entry is FileEntry => !entry.directory;

function packed(entry: FileEntry, zip: string): FolderFile {
  const name = shown(entry.filename);
  return {
    size: entry.uncompressedSize,
    async read({ most = Infinity, signal } = {}) {
      if (entry.encrypted) return fault('zip', zip, `${name} is encrypted`);
      const chunks: Uint8Array<ArrayBuffer>[] = [];
      let length = 0;
      let isEnough = false;
      const writable = new WritableStream<Uint8Array<ArrayBuffer>>({
        write(chunk) {
          length += chunk.length;
          if (length > entry.uncompressedSize)
            throw new Error(`${name} unpacks to more than the ${entry.uncompressedSize} bytes it announces`);
          // The library may use its chunk again.
          chunks.push(chunk.slice());
          isEnough = length >= most;
          if (isEnough) throw new Error('no more of it is needed');
        },
      });
      try {
        await entry.getData(writable, signal ? { signal } : {});
      } catch (thrown) {
        signal?.throwIfAborted();
        if (isEnough) return ok(new Blob(chunks));
        return fault('zip', zip, messageOf(thrown));
      }
      if (length < entry.uncompressedSize)
        return fault('zip', zip, `${name} unpacks to ${length} bytes, but announces ${entry.uncompressedSize}`);
      return ok(new Blob(chunks));
    },
  };
}

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** `files` as one zip, not compressed: weights hardly get smaller by it. */
export async function packZip(files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): Promise<Blob> {
  const { BlobWriter, Uint8ArrayReader, ZipWriter } = await library();
  const writer = new ZipWriter(new BlobWriter('application/zip'), {
    level: 0,
    useWebWorkers: false,
    extendedTimestamp: false,
    dataDescriptor: false,
    lastModDate: EARLIEST,
  });
  for (const [name, bytes] of files) await writer.add(name, new Uint8ArrayReader(bytes));
  return writer.close();
}
