// What a browser's storage says when it will not do what is asked, in the few ways that matter to a person.
import type { EngineError } from '../../protocol/errors';

export type StorageOffence =
  | 'full' // no room, or the browser's quota is used up
  | 'denied' // a private window, a setting, a policy
  | 'failed'; // anything else: a disk fault, a file held by another tab

const OFFENCES: ReadonlyMap<string, StorageOffence> = new Map([
  ['QuotaExceededError', 'full'],
  ['SecurityError', 'denied'],
  ['NotAllowedError', 'denied'],
  // Firefox says so of a database in a private window.
  ['InvalidStateError', 'denied'],
]);

export class StorageFailure extends Error {
  readonly offence: StorageOffence;

  constructor(offence: StorageOffence, detail: string) {
    super(detail);
    this.offence = offence;
  }
}

/** Sorts what a storage interface threw or rejected with. */
export function storageFailureOf(thrown: unknown): StorageFailure {
  if (thrown instanceof StorageFailure) return thrown;
  const { name, message } = thrown instanceof Error ? thrown : { name: '', message: String(thrown) };
  return new StorageFailure(OFFENCES.get(name) ?? 'failed', name ? `${name}: ${message}` : message);
}

/** As the page is told. */
export function storageError(thrown: unknown): EngineError {
  const { offence, message } = storageFailureOf(thrown);
  return { code: `storage-${offence}`, detail: message };
}
