// The number of shards a step of a configuration has here.
import { AUTOMATIC_SHARDS, shardChoices } from '../../config/shards';
import type { TrainConfig } from '../../config/trainConfig';
import { useEngine } from '../../stores/engine';
import { runInfo, useRun } from '../../stores/run';

/** As configured; left open, as the run at hand was given, or as the backend would take it where its memory allows. */
export function useShards({ batchSize, shards }: Pick<TrainConfig, 'batchSize' | 'shards'>): number {
  const given = useRun(({ run }) => runInfo(run)?.config.train);
  const isGpu = useEngine(({ engine }) => engine.phase === 'ready' && engine.info.backend.startsWith('webgpu'));
  if (shards !== AUTOMATIC_SHARDS) return shards;
  return given?.batchSize === batchSize ? given.shards : shardChoices(batchSize, isGpu)[0]!;
}
