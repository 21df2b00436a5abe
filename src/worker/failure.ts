// What the page is told of something thrown.
import type { EngineError } from '../protocol/errors';

/** A RangeError is how JavaScript and our wasm heap say that an allocation failed; all else is a mistake of ours. */
export function failureOf(thrown: unknown): EngineError {
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: thrown instanceof RangeError ? 'out-of-memory' : 'internal', detail };
}
