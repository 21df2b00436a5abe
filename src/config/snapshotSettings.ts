// How often a run's moments are kept while it trains, and how much room they may take. No number of the run depends on it.
import { err, ok, type Result } from '../core/result';
import type { FieldError } from './fieldError';

/** How many runs a browser keeps beside those that are pinned or open; which of them gives way is in worker/keeping/givingWay.ts. */
export interface KeptLimits {
  /** At most so many, the newcomer included. */
  readonly most: number;
  /** So many stay, whatever they take. */
  readonly always: number;
  /** Room that more than these may take, bytes. */
  readonly bytes: number;
  /** Of those saved last so many stay, however short. */
  readonly recent: number;
}

/** The room is what eight runs of the default model with all their moments take. */
export const KEPT_RUNS: KeptLimits = { most: 24, always: 8, bytes: 1.5 * 2 ** 30, recent: 4 };

export interface SnapshotSettings {
  /** Training tokens between two snapshots; before the first of them come earlier ones, at halves of it. 0 keeps none. */
  readonly everyTokens: number;
  /** Every so many of these moments are kept whole, so that the run can go on from them. */
  readonly checkpointEvery: number;
  /** How weights are stored: rounded to bfloat16, half the size, or whole. */
  readonly type: 'BF16' | 'F32';
  /** Room for one run's snapshots and checkpoints, MB (10⁶ bytes). */
  readonly budgetMb: number;
}

export const DEFAULT_SNAPSHOTS: SnapshotSettings = { everyTokens: 50_000, checkpointEvery: 4, type: 'BF16', budgetMb: 160 };

/** Both ends included. */
export const SNAPSHOT_LIMITS = {
  everyTokens: { min: 0, max: 1e9 },
  checkpointEvery: { min: 1, max: 1000 },
  budgetMb: { min: 1, max: 100_000 },
} as const;

/** Settings as they came from elsewhere, or which of them cannot be. */
export function checkSnapshotSettings(settings: SnapshotSettings): Result<SnapshotSettings, FieldError[]> {
  const faults = (['everyTokens', 'checkpointEvery', 'budgetMb'] as const).flatMap((key): FieldError[] => {
    const value = settings[key];
    const { min, max } = SNAPSHOT_LIMITS[key];
    return Number.isInteger(value) && value >= min && value <= max
      ? []
      : [{ field: `snapshots.${key}`, value, rule: 'range', params: { min, max } }];
  });
  if (settings.type !== 'BF16' && settings.type !== 'F32')
    faults.push({ field: 'snapshots.type', value: settings.type, rule: 'oneOf', params: { options: 'BF16, F32' } });
  const { everyTokens, checkpointEvery, type, budgetMb } = settings;
  return faults.length > 0 ? err(faults) : ok({ everyTokens, checkpointEvery, type, budgetMb });
}
