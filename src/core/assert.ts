// Our own mistakes stop at once, with their values. A person's mistakes are values instead: see result.ts.

/** Throws when a promise the code made to itself does not hold; `message` names the values. */
export function assert(holds: boolean, message: string | (() => string)): asserts holds {
  if (!holds) throw new Error(typeof message === 'string' ? message : message());
}
