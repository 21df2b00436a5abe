// A value with its past and what was taken back of it.

export interface Undoable<T> {
  readonly past: readonly T[];
  readonly present: T;
  readonly future: readonly T[];
}

/** Values remembered at most. */
const DEPTH = 100;

export const undoable = <T>(present: T): Undoable<T> => ({ past: [], present, future: [] });

/** A new present; what had been taken back is gone. */
export function changed<T>({ past, present }: Undoable<T>, next: T): Undoable<T> {
  return { past: [...past, present].slice(-DEPTH), present: next, future: [] };
}

/** The value before; itself where there is none. */
export function undone<T>(state: Undoable<T>): Undoable<T> {
  const { past, present, future } = state;
  return past.length === 0 ? state : { past: past.slice(0, -1), present: past.at(-1)!, future: [present, ...future] };
}

/** The value that was taken back last; itself where there is none. */
export function redone<T>(state: Undoable<T>): Undoable<T> {
  const { past, present, future } = state;
  return future.length === 0 ? state : { past: [...past, present], present: future[0]!, future: future.slice(1) };
}
