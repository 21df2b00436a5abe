// Which kept runs give way when another comes: those that are missed least.
import { KEPT_RUNS, type KeptLimits } from '../../config/snapshotSettings';
import type { LetGo } from '../../protocol/kept';
import type { Ladders } from './ladders';
import { listed } from './listed';
import type { RunLocks } from './runLocks';
import type { KeptEntry, Vault } from './vault';

/** The run to be kept, of which nothing is listed yet. */
type Newcomer = Pick<KeptEntry, 'runId' | 'parent'>;

export const asLetGo = ({ runId, name, step }: LetGo): LetGo => ({ runId, name, step });

/** One saved at the very last moment has no time. */
const timeOf = ({ savedAt }: KeptEntry): number => (Number.isNaN(savedAt) ? Infinity : savedAt);

/**
 * The runs that give way to `newcomer`, in their order. Pinned runs and those in use never do, and do not count: where all are such, none
 * gives way, and the newcomer is kept all the same. Of the others one goes as long as they and the newcomer are more than `most`, or more
 * than `always` and take more than `bytes`:
 * 1. the `recent` saved last stay;
 * 2. of the older ones, those that a kept run or the newcomer branched off from stay while there is another;
 * 3. of the rest goes the one with the fewest finished steps, of as many the one saved longest ago.
 * @param inUse runs that some tab has open
 */
export function givingWay(
  runs: readonly KeptEntry[],
  inUse: ReadonlySet<string>,
  newcomer: Newcomer,
  limits: KeptLimits = KEPT_RUNS,
): KeptEntry[] {
  const gone: KeptEntry[] = [];
  const isMovable = ({ runId, isPinned }: KeptEntry): boolean => !isPinned && runId !== newcomer.runId && !inUse.has(runId);
  for (;;) {
    const left = runs.filter((run) => !gone.includes(run));
    const movable = left.filter(isMovable).sort((one, other) => timeOf(other) - timeOf(one) || 0);
    const bytes = movable.reduce((total, run) => total + (run.bytes ?? 0), 0);
    const isTooMany = movable.length >= limits.most || (movable.length >= limits.always && bytes > limits.bytes);
    const parents = new Set([...left, newcomer].map(({ parent }) => parent?.runId));
    const isParent = ({ runId }: KeptEntry): number => (parents.has(runId) ? 1 : 0);
    const [first] = movable
      .slice(limits.recent)
      .sort((one, other) => isParent(one) - isParent(other) || one.step - other.step || timeOf(one) - timeOf(other) || 0);
    if (!isTooMany || !first) return gone;
    gone.push(first);
  }
}

/**
 * Makes room for `newcomer`, and clears what a cut discard or first save has left behind. Rejects with StorageFailure.
 * @param onLetGo told of each run once it is gone
 */
export async function makeRoom(
  { vault, ladders, locks }: { readonly vault: Vault; readonly ladders: Ladders; readonly locks: Pick<RunLocks, 'held'> },
  newcomer: Newcomer,
  onLetGo: (run: LetGo) => void,
  limits: KeptLimits = KEPT_RUNS,
): Promise<void> {
  const before = await vault.remnants();
  const runs = await listed(vault, ladders);
  // Asked for after what there is was looked at: a tab locks a run before it writes it.
  const held = await locks.held();
  for (const run of givingWay(runs, held, newcomer, limits)) {
    await vault.discard(run.runId);
    onLetGo(asLetGo(run));
  }
  // One that is whole by now was being saved by a tab that has let go of it since.
  const after = await vault.remnants();
  for (const runId of before)
    if (after.includes(runId) && runId !== newcomer.runId && !held.has(runId)) await vault.discard(runId);
}
