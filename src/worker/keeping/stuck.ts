// The last word on keeping, whatever the cause: a copy that has begun and does not end while training goes on.
import type { EngineError } from '../../protocol/errors';

/** Longer than any copy takes that is still worth waiting for, ms; a file that does not open is given up well before. */
const STUCK_MS = 60_000;

/**
 * What to say of work that began, or last got on, at `since` and is still under way; null: nothing yet.
 * @param since ms; null: nothing is under way @param newest step of the newest copy there is; null: none
 */
export function stuckSince(since: number | null, now: number, newest: number | null): EngineError | null {
  return since !== null && now - since >= STUCK_MS ? { code: 'storage-stuck', detail: String(newest ?? 0) } : null;
}
