// A kept moment of a run as plain numbers, from whichever file has it; the very first from the seed.
import type { Rung } from '../../checkpoint/ladder';
import { decodeRunState } from '../../checkpoint/runState';
import { decodeSnapshot, type Snapshot } from '../../checkpoint/snapshot';
import { moeLayerCount } from '../../config/modelConfig';
import { err, ok, type Result } from '../../core/result';
import { initialValues, parameterSpecs } from '../../model/parameters';
import type { EngineError } from '../../protocol/errors';
import { afterChanges } from '../../training/state';
import type { Archive } from './archive';
import type { AboutLadder, Ladder } from './ladders';

/** A run that may not have been written yet. */
export type LiveLadder = AboutLadder & { readonly runId: string };

/** @param live the run under way, of which nothing may be kept so far */
export async function readMoment(
  archive: Pick<Archive, 'ladder' | 'file'>,
  runId: string,
  step: number,
  live: LiveLadder | null,
): Promise<Result<Snapshot, EngineError>> {
  const ladder = await archive.ladder(runId);
  const about = live?.runId === runId ? live : ladder;
  if (step === 0 && about?.isFromSeed) return ok(seeded(runId, about));
  const rungs = ladder?.rungs.filter((rung) => rung.step === step) ?? [];
  const rung = rungs.find(({ kind }) => kind === 'snapshot') ?? rungs[0];
  if (!rung) return err({ code: 'model-unavailable', detail: `nothing is kept of step ${step}` });
  const file = await archive.file(runId, rung);
  return file.ok ? decoded(file.value, rung) : file;
}

function decoded(bytes: Uint8Array, { kind }: Rung): Result<Snapshot, EngineError> {
  if (kind === 'snapshot') {
    const snapshot = decodeSnapshot(bytes, parameterSpecs);
    return snapshot.ok ? snapshot : damaged(snapshot.error);
  }
  const state = decodeRunState(bytes, parameterSpecs);
  if (!state.ok) return damaged(state.error);
  const { config, changes } = state.value;
  return ok({ ...state.value, config: { ...config, train: afterChanges(config.train, changes) } });
}

const damaged = ({ offence, detail }: { readonly offence: string; readonly detail: string }): Result<never, EngineError> =>
  err({ code: 'storage-damaged', detail: `${offence}: ${detail}` });

function seeded(runId: string, { config, identity }: Pick<Ladder, 'config' | 'identity'>): Snapshot {
  const { model, train } = config;
  return {
    runId,
    config,
    identity,
    step: 0,
    parameters: parameterSpecs(model).map((spec, index) => initialValues(spec, index, model, train.seed)),
    biases: Array.from({ length: moeLayerCount(model) }, () => new Float32Array(model.nRoutedExperts)),
  };
}
