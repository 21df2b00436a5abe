// The line of kept moments that the timeline shows: those of the run, or of the model that comes with the page.
import { useMemo } from 'react';
import type { RunConfig } from '../config/trainConfig';
import type { KeptModel } from '../protocol/modelRef';
import { useChosenModel } from './chosenModel';
import type { RunSnapshots } from '../protocol/snapshots';
import { modelKey } from './models';
import { usePast } from './past';
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
  /** In ascending order of steps; of a branch first those of the runs it came from. */
  readonly moments: readonly LineMoment[];
}

const momentsOf = (runId: string, snapshots: Pick<RunSnapshots, 'isFromSeed' | 'rungs'>): LineMoment[] =>
  momentSteps({ snapshots }).map((moment) => ({ ...moment, ref: { kind: 'checkpoint', runId, step: moment.step } }));

/** Training tokens of the first `step` steps. */
export const tokensAt = ({ config: { train } }: Pick<Line, 'config'>, step: number): number =>
  step * train.batchSize * train.sequenceLength;

/**
 * The line to show; null where there is none, or nothing is known of it yet.
 * @param of `run`: that of the run, and the page's own model only before there is one; `model`: that of the model that is looked at
 */
export function useLine(of: 'run' | 'model'): Line | null {
  const kind = useLineKind(of);
  const info = useRun(({ run }) => (run.phase === 'lost' ? null : runInfo(run)));
  const snapshots = useTimeline((state) => state.snapshots);
  const past = usePast((state) => state.past);
  const manifest = useShelf((state) => state.manifest);
  return useMemo((): Line | null => {
    if (kind === null) return null;
    if (kind === 'shelf') {
      if (!manifest || manifest === 'missing') return null;
      const { runId, name, config } = manifest;
      const moments = manifest.snapshots.map(({ step }) => ({ ref: { kind: 'shipped', step }, step, isWhole: false }) as const);
      return { kind, runId, name, config, moments };
    }
    if (!info || snapshots?.runId !== info.runId) return null;
    const { runId, name, config } = info;
    const own = momentsOf(runId, snapshots);
    // Each run's moments up to where the next one went off, which begins with a moment of its own there.
    const before = past.flatMap((one) => momentsOf(one.runId, one).filter(({ step }) => step < one.until));
    const first = own[0]?.step ?? Infinity;
    return { kind, runId, name, config, moments: [...before.filter(({ step }) => step < first), ...own] };
  }, [kind, info, snapshots, manifest, past]);
}

function useLineKind(of: 'run' | 'model'): Line['kind'] | null {
  const chosen = useChosenModel(({ model }) => model?.kind ?? null);
  const hasRun = useRun(({ run }) => run.phase !== 'none');
  const own = hasRun ? 'run' : 'shelf';
  if (of === 'run' || chosen === null) return own;
  const kinds = { live: 'run', checkpoint: 'run', shipped: 'shelf', imported: null } as const;
  return kinds[chosen];
}

/** The moment of `line` that is looked at; null: the run as it is now. */
export function useShownMoment(line: Line | null): LineMoment | null {
  const model = useChosenModel((state) => state.model);
  if (!line) return null;
  const key = model && modelKey(model);
  const last = line.kind === 'shelf' ? (line.moments.at(-1) ?? null) : null;
  return line.moments.find(({ ref }) => modelKey(ref) === key) ?? last;
}
