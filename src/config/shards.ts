// Into how many shards a step is cut where its configuration leaves that open.

/** The number of shards that leaves it to the backend and its memory. */
export const AUTOMATIC_SHARDS = 0;

/** Most shards of a step that a configuration may name. */
export const MOST_SHARDS = 16;

/** What workers of a processor can share among them. */
const PROCESSOR_SHARDS = 4;

/**
 * Numbers of shards that `batchSize` divides into, the best first. A GPU takes a batch whole: every shard costs it all dispatches again.
 * On a processor workers share the shards, and a question waits for one only. Whatever comes later in the list takes less memory or more time.
 */
export function shardChoices(batchSize: number, isGpu: boolean): number[] {
  const counts = Array.from({ length: MOST_SHARDS }, (_, index) => index + 1).filter((count) => batchSize % count === 0);
  if (isGpu) return counts;
  const few = counts.filter((count) => count <= PROCESSOR_SHARDS);
  return [few.at(-1)!, ...counts.slice(few.length), ...few.slice(0, -1).reverse()];
}
