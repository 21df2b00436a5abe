// What is said of kept runs in more than one place.
import type { TextTools } from '../../components/TextContext';
import { KEPT_RUNS } from '../../config/snapshotSettings';
import type { LetGo } from '../../protocol/kept';

/** Each by its name and steps. */
export function namedRuns(runs: readonly LetGo[], { t, integer }: TextTools): string {
  return runs.map(({ name, step }) => t('kept.tree.run', { name, step: integer(step) })).join(', ');
}

/** How many runs are kept, and which gives way. */
export function keptLimits({ t, integer, bytes }: TextTools): string {
  const { most, always, bytes: room } = KEPT_RUNS;
  return t('kept.limits', { most: integer(most), always: integer(always), room: bytes(room) });
}
