// How the person likes the Train view, remembered by the browser.
import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { DEFAULT_SNAPSHOTS, type SnapshotSettings } from '../config/snapshotSettings';

export type LossUnit = 'nats' | 'bitsPerByte' | 'bitsPerCharacter';
export type LoadView = 'lastStep' | 'average';

export interface PreferencesState {
  /** Off: a hidden tab goes on training. */
  readonly pauseWhenHidden: boolean;
  readonly lossUnit: LossUnit;
  readonly loadView: LoadView;
  /** Size of "step N". */
  readonly stepCount: number;
  /** Workers that train, where the processor does; 0: as suits the machine. */
  readonly workers: number;
  /** How moments of a run are kept. */
  readonly snapshots: SnapshotSettings;
  readonly timelineAxis: 'log' | 'linear';
}

export const usePreferences = create<PreferencesState>()(
  persist(
    (): PreferencesState => ({
      pauseWhenHidden: false,
      lossUnit: 'nats',
      loadView: 'lastStep',
      stepCount: 50,
      workers: 0,
      snapshots: DEFAULT_SNAPSHOTS,
      timelineAxis: 'log',
    }),
    {
      name: 'switchyard.train',
      version: 1,
    },
  ),
);

export function setPreference(change: Partial<PreferencesState>): void {
  usePreferences.setState(change);
}
