// A clock that all workers of one engine read alike.

/** ms since 1970 that only grow: each worker's own clock starts with the worker, and its origin says when that was. */
export const sharedClock = (): number => performance.timeOrigin + performance.now();
