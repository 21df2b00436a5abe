// The number of shards of a run that leaves it open: as suits the backend, and such that a shard fits into its memory.
import { memoryEstimate } from '../analysis/memory';
import { AUTOMATIC_SHARDS, shardChoices } from '../config/shards';
import type { RunConfig } from '../config/trainConfig';
import { memoryLimits } from '../kernels/memoryLimits';
import { isDeferred } from '../kernels/settled';

/** `config` with a number of shards for the current backend where it leaves that open: what is recorded of a run, so that it repeats. */
export function withShards(config: RunConfig): RunConfig {
  if (config.train.shards !== AUTOMATIC_SHARDS) return config;
  const limits = memoryLimits();
  const choices = shardChoices(config.train.batchSize, isDeferred());
  const fits = (shards: number): boolean => {
    const { total, largestTensor } = memoryEstimate(config.model, { ...config.train, shards });
    return total <= limits.total && largestTensor <= limits.tensor;
  };
  return { ...config, train: { ...config.train, shards: choices.find(fits) ?? choices[0]! } };
}
