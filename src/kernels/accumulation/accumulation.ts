// Tensors added to others, pair by pair: the gradients of one shard to those of the shards before it.
import * as tf from '@tensorflow/tfjs-core';
import { defineOperation, type NamedTensors } from '../operation';

type Tensor = tf.Tensor;

/** The way back from what `accumulated` names. */
export function pairsOf(inputs: NamedTensors): (readonly [sum: Tensor, next: Tensor])[] {
  const pairs: (readonly [Tensor, Tensor])[] = [];
  for (let n = 0; inputs[`sum${n}`]; n++) pairs.push([inputs[`sum${n}`]!, inputs[`next${n}`]!]);
  return pairs;
}

/**
 * Inputs: sum0, next0, sum1, next1, …, those of a pair of one shape. Output n: sum<n> + next<n>. No gradient.
 * A fast path may write in place and return the very sums it was given: their memory must be their own.
 */
export const accumulationOperation = defineOperation<NamedTensors, Record<never, never>>('Accumulation', [], {
  forward: (inputs) => pairsOf(inputs).map(([sum, next]) => tf.add(sum, next)),
});

/**
 * Consumes both lists.
 * @param sums tensors that share their memory with no other @param next as many, of the same shapes
 * @returns sums[n] + next[n]; the caller owns them
 */
export function accumulated(sums: readonly Tensor[], next: readonly Tensor[]): Tensor[] {
  const inputs: Record<string, Tensor> = {};
  for (const [n, sum] of sums.entries()) {
    inputs[`sum${n}`] = sum;
    inputs[`next${n}`] = next[n]!;
  }
  const totals = accumulationOperation(inputs, {});
  for (const [n, total] of totals.entries()) if (total !== sums[n]) sums[n]!.dispose();
  tf.dispose([...next]);
  return totals;
}
