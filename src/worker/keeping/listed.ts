// The kept runs as they are listed: each stands where its newest copy or checkpoint does, and takes what both take.
import type { Rung } from '../../checkpoint/ladder';
import type { Ladders } from './ladders';
import type { KeptEntry, Vault } from './vault';

/** The one saved last comes first. Rejects with StorageFailure. */
export async function listed(vault: Vault, ladders: Ladders): Promise<KeptEntry[]> {
  return Promise.all((await vault.list()).map((entry) => furthest(entry, ladders)));
}

/** Whether a moment can be gone on from and is newer than the copy of `copy`: one kept before that is of a past stepped back from. */
export function isNewer(
  { kind, step, savedAt }: Rung,
  copy: { readonly step: number; readonly savedAt: number | null },
): boolean {
  if (kind !== 'checkpoint' || step <= copy.step) return false;
  return copy.savedAt === null || savedAt === undefined || !(savedAt < copy.savedAt);
}

async function furthest(entry: KeptEntry, ladders: Ladders): Promise<KeptEntry> {
  const rungs = (await ladders.read(entry.runId))?.rungs ?? [];
  const moments = rungs.reduce((total, { bytes }) => total + bytes, 0);
  const whole = entry.bytes === undefined ? entry : { ...entry, bytes: entry.bytes + moments };
  const newest = rungs.findLast((rung) => isNewer(rung, entry));
  if (!newest) return whole;
  const { step, savedAt = entry.savedAt, loss } = newest;
  const { loss: _, ...rest } = whole;
  return { ...rest, step, savedAt, ...(loss !== undefined && { loss }) };
}
