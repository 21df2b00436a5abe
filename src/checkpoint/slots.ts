// Two slots for one thing that is saved again and again: a new version goes into the older slot, and counts once its commit record,
// written last, is whole. Whatever moment the process dies at, the version before it is there.
import { crc32 } from '../core/crc32';
import { err, ok, type Result } from '../core/result';
import type { BlobStore } from './blobStore';

export const SLOTS = ['a', 'b'] as const;
export type Slot = (typeof SLOTS)[number];

/** Where a committed version lies; the higher sequence is the newer. */
export interface Place {
  readonly slot: Slot;
  readonly sequence: number;
}
export interface Commit extends Place {
  readonly bytes: Uint8Array;
  /** What was committed after it and is no longer what its record says; null: nothing. */
  readonly passedOver: string | null;
}

/** There are commit records, but no slot holds what its record says: something other than a torn write changed them. */
export interface SlotsDamaged {
  readonly offence: 'damaged';
  readonly detail: string;
}

/** Blob of a slot's data. */
export const dataBlob = (name: string, slot: Slot): string => `${name}.${slot}`;
/** Blob of a slot's commit record. */
export const commitBlob = (name: string, slot: Slot): string => `${name}.${slot}.commit`;

/** Sequence, length of the data in bytes, CRC-32 of the data; then the CRC-32 of these. Little-endian. */
const RECORD_BYTES = 8 + 8 + 4 + 4;

interface CommitRecord {
  readonly sequence: number;
  readonly length: number;
  readonly crc: number;
}

function recordBytes({ sequence, length, crc }: CommitRecord): Uint8Array {
  const view = new DataView(new ArrayBuffer(RECORD_BYTES));
  view.setBigUint64(0, BigInt(sequence), true);
  view.setBigUint64(8, BigInt(length), true);
  view.setUint32(16, crc, true);
  view.setUint32(20, crc32(new Uint8Array(view.buffer, 0, 20)), true);
  return new Uint8Array(view.buffer);
}

function parseRecord(bytes: Uint8Array | null): CommitRecord | null {
  if (bytes?.length !== RECORD_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, RECORD_BYTES);
  if (crc32(bytes.subarray(0, 20)) !== view.getUint32(20, true)) return null;
  return {
    sequence: Number(view.getBigUint64(0, true)),
    length: Number(view.getBigUint64(8, true)),
    crc: view.getUint32(16, true),
  };
}

/** The newest whole version of `name`; null where none was ever committed. */
export async function newestCommit(store: BlobStore, name: string): Promise<Result<Commit | null, SlotsDamaged>> {
  const records = [];
  for (const slot of SLOTS) {
    const record = parseRecord(await store.read(commitBlob(name, slot)));
    if (record) records.push({ slot, record });
  }
  const faults: string[] = [];
  for (const { slot, record } of records.sort((one, other) => other.record.sequence - one.record.sequence)) {
    const bytes = await store.read(dataBlob(name, slot));
    if (bytes?.length === record.length && crc32(bytes) === record.crc) {
      return ok({ slot, sequence: record.sequence, bytes, passedOver: faults.length > 0 ? faults.join('; ') : null });
    }
    faults.push(`${dataBlob(name, slot)} is not the ${record.length} bytes that were committed`);
  }
  return faults.length > 0 ? err({ offence: 'damaged', detail: faults.join('; ') }) : ok(null);
}

/**
 * Saves a version of `name` into the slot that `previous` does not use. Cut short at any moment, it leaves `previous` as it was.
 * @param previous the newest whole version, from `newestCommit` or the last `commit`; null: there is none
 * @param onWritten called when the bytes are there and do not count yet; what it throws ends the saving
 */
export async function commit(
  store: BlobStore,
  name: string,
  bytes: Uint8Array,
  previous: Place | null,
  onWritten?: () => void,
): Promise<Place> {
  const slot = previous?.slot === 'a' ? 'b' : 'a';
  const sequence = (previous?.sequence ?? 0) + 1;
  await store.write(dataBlob(name, slot), bytes);
  onWritten?.();
  await store.write(commitBlob(name, slot), recordBytes({ sequence, length: bytes.length, crc: crc32(bytes) }));
  return { slot, sequence };
}
