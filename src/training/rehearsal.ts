// A step in which nothing is computed: what the first step of a run asks of a device, asked for beforehand.
import { moeLayerCount } from '../config/modelConfig';
import type { RunConfig } from '../config/trainConfig';
import { rehearsed, type Wanted } from '../kernels/webgpu/pipelines';
import { dispose } from '../kernels/tensor';
import { emptyParameters } from '../model/parameters';
import { plainRouterInputs } from '../model/routing';
import { positionsFor } from '../model/transformer';
import { Balancer } from './balancer';
import { Optimizer } from './optimizer';
import { runShard, ShardSum, tasksOf } from './shard';
import { withShards } from './shardCount';
import { updateOnce } from './trainStep';

/** A sum of two shards takes every program that a sum of many does. */
const MOST_SHARDS = 2;

/** What a step of `config` runs on the current backend, which must be WebGPU, and is not compiled there. */
export function rehearsedStep(config: RunConfig): Wanted[] {
  const { model, train } = withShards(config);
  return rehearsed(() => {
    const optimizer = new Optimizer(emptyParameters(model));
    const balancer = new Balancer(moeLayerCount(model), model.nRoutedExperts);
    const positions = positionsFor(model, train.batchSize / train.shards, train.sequenceLength);
    const routers = plainRouterInputs(model, balancer.choiceOffsets(train.balanceMode));
    const sum = new ShardSum();
    try {
      const ids = new Int32Array(train.batchSize * (train.sequenceLength + 1));
      for (const [shard, task] of tasksOf(ids, train).slice(0, MOST_SHARDS).entries())
        sum.take(shard, runShard([task, optimizer.values, routers, positions, model]));
      dispose(updateOnce(sum.total, optimizer, balancer, 1, train, train));
    } finally {
      optimizer.dispose();
      balancer.dispose();
      const shared = routers[0] ? [routers[0].contribution, routers[0].given] : [];
      dispose([...shared, positions.cos, positions.sin, positions.unitHead]);
    }
  });
}
