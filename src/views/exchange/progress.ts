// How far a long request is, as a bar shows it.
import type { Progress } from '../../protocol/commands';

/** 0 to 1; null where nobody knows. */
export function shareOf(progress: Progress | null): number | null {
  return progress && progress.total > 0 ? progress.done / progress.total : null;
}
