// Chromium keeps the names of private files, and the records of a database, as entries at the end of a log. A process that is killed within an
// entry leaves its head without a body. The next process writes on behind it, and the one after that takes what follows for the body: names
// up to the end of the block are forgotten, a database is thrown away (seen in version 156). Here what may be lost is written first.
import { whileHeld } from './whileHeld';

/** Bytes of a log between two places where reading starts anew. */
const BLOCK_BYTES = 2 ** 15;
/** A name whose entry is longer than a block: what is written behind it lies in another block than what was written before. */
const LONG_NAME = 'x'.repeat(BLOCK_BYTES);

/** Bytes after which a database begins another log and lets go of the old one. */
const LOG_BYTES = 4 * 2 ** 20;
/** A record of this size lies in the log; a much larger one would be a file of its own. */
const RECORD_BYTES = 48_000;
const RECORD = '.';

/** To be done before a name is made in `root`: no name made from here on is forgotten for what a killed process has left. */
export async function passTornName(root: FileSystemDirectoryHandle): Promise<void> {
  const remove = () => root.removeEntry(LONG_NAME);
  await whileHeld(root, async () => {
    // One that is left from a start cut short would be made without an entry.
    await remove().catch(() => undefined);
    await root.getFileHandle(LONG_NAME, { create: true });
    await remove();
  }).catch(() => undefined); // A browser that makes no such name is none of those that forget; no room is told by whatever is kept.
}

/** Fills the log of records, so that the next transaction begins another. To be done in a transaction before the first that counts. */
export function fillLog(records: IDBObjectStore): void {
  const filler = new Uint8Array(RECORD_BYTES);
  for (let bytes = 0; bytes <= LOG_BYTES; bytes += RECORD_BYTES) records.put(filler, RECORD);
  records.delete(RECORD);
}
