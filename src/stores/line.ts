// The line of kept moments that the timeline shows: those of the run, or of the model that comes with the page.
import { useMemo } from 'react';
import type { RunConfig } from '../config/trainConfig';
import type { KeptModel } from '../protocol/modelRef';
import { runInfo, useRun } from './run';
import { useShelf } from './shelf';
import { momentSteps, useTimeline } from './timeline';

export interface LineMoment {
  readonly ref: KeptModel;
  readonly step: number;
  /** It can be gone on from. */
  readonly isWhole: boolean;
}

export interface Line {
  readonly kind: 'run' | 'shelf';
  readonly runId: string;
  readonly name: string;
  readonly config: RunConfig;
  /** In ascending order of steps. */
  readonly moments: readonly LineMoment[];
}

/** Training tokens of the first `step` steps. */
export const tokensAt = ({ config: { train } }: Pick<Line, 'config'>, step: number): number =>
  step * train.batchSize * train.sequenceLength;

/** null where there is no such line, or nothing is known of it yet. */
export function useLine(kind: Line['kind']): Line | null {
  const info = useRun(({ run }) => (run.phase === 'lost' ? null : runInfo(run)));
  const snapshots = useTimeline((state) => state.snapshots);
  const manifest = useShelf((state) => state.manifest);
  return useMemo((): Line | null => {
    if (kind === 'shelf') {
      if (!manifest || manifest === 'missing') return null;
      const { runId, name, config } = manifest;
      const moments = manifest.snapshots.map(({ step }) => ({ ref: { kind: 'shipped', step }, step, isWhole: false }) as const);
      return { kind, runId, name, config, moments };
    }
    if (!info || snapshots?.runId !== info.runId) return null;
    const { runId, name, config } = info;
    const moments = momentSteps({ snapshots }).map(
      (moment) => ({ ...moment, ref: { kind: 'checkpoint', runId, step: moment.step } }) as const,
    );
    return { kind, runId, name, config, moments };
  }, [kind, info, snapshots, manifest]);
}
