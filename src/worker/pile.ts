// What piles up while the page is busy: messages of one kind and run, in one.

/** Messages that may pile up. */
export const PILE_LIMIT = 512;

/** What waits for the page of the same run, and one more. */
export function pile<T>(
  runId: string,
  waiting: { readonly runId: string; readonly results: readonly T[] } | null,
  next: T,
): { readonly runId: string; readonly results: readonly T[] } {
  const before = waiting?.runId === runId ? waiting.results : [];
  return { runId, results: [...before, next].slice(-PILE_LIMIT) };
}
