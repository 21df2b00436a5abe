// Which moments of a run are kept, and which give way when room runs out: what stays lies ever closer together toward the beginning, where
// a model changes fastest.

/** A moment kept in one file: a `snapshot` is weights to look at, a `checkpoint` can be gone on from. */
export interface Rung {
  readonly step: number;
  readonly kind: 'snapshot' | 'checkpoint';
  readonly bytes: number;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string;
  /** Milliseconds since 1970; left out: not known, because the list that said so was damaged. */
  readonly savedAt?: number;
  /** Training loss of its step, nats a token; left out: not known, as before the first step. */
  readonly loss?: number;
  /** A person asked for it, or the run begins here: it gives way last. */
  readonly isPinned: boolean;
}

/** Moments before the first regular one, at 1/2, 1/4, … 1/2ⁿ of its tokens. */
const EARLY = 6;

/** Moments that `tokens` training tokens have passed, one `every` so many and the early ones before. */
function passed(tokens: number, every: number): number {
  if (tokens >= every) return EARLY + Math.floor(tokens / every);
  return Math.max(0, 1 + EARLY + Math.floor(Math.log2(tokens / every)));
}

/** Whether a snapshot is due after a step that ended at `tokens` training tokens and began at `before`. @param every 0: never */
export function isSnapshotDue(before: number, tokens: number, every: number): boolean {
  return every > 0 && passed(tokens, every) > passed(before, every);
}

/** The same of a checkpoint. @param every tokens between two; 0: never */
export function isCheckpointDue(before: number, tokens: number, every: number): boolean {
  return every > 0 && Math.floor(tokens / every) > Math.floor(before / every);
}

/**
 * The rungs of one kind that stay within `budget` bytes. Whichever leaves the smallest gap in log(1 + step) goes first; the first and the
 * last of all, and pinned ones, go only when nothing else is left, the last never while it fits.
 * @param rungs in ascending order of steps
 */
export function thinned<R extends Pick<Rung, 'step' | 'bytes' | 'isPinned'>>(rungs: readonly R[], budget: number): R[] {
  const kept = [...rungs];
  let bytes = kept.reduce((total, rung) => total + rung.bytes, 0);
  while (kept.length > 0 && bytes > budget) {
    const [gone] = kept.splice(dispensable(kept), 1);
    bytes -= gone!.bytes;
  }
  return kept;
}

/** Index of the rung that is missed least. */
function dispensable(rungs: readonly Pick<Rung, 'step' | 'isPinned'>[]): number {
  let best = -1;
  let smallest = Infinity;
  for (let index = 1; index < rungs.length - 1; index++) {
    if (rungs[index]!.isPinned) continue;
    const gap = Math.log((1 + rungs[index + 1]!.step) / (1 + rungs[index - 1]!.step));
    if (gap < smallest) [best, smallest] = [index, gap];
  }
  if (best >= 0) return best;
  const unpinned = rungs.findIndex(({ isPinned }, index) => !isPinned && index < rungs.length - 1);
  return Math.max(0, unpinned);
}
