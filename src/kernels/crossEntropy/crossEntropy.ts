// How surprised the model is by the token that came.
import * as tf from '@tensorflow/tfjs-core';
import { oneHot } from '../oneHot';
import { defineOperation } from '../operation';

/**
 * loss_n = logsumexp(logits_n) − logits_n[target_n], nats; d logits_n = (softmax(logits_n) − onehot(target_n))·dloss_n.
 * Inputs: logits [N, V], targets [N] int32. Outputs: loss [N], logsumexp [N].
 */
export const crossEntropyOperation = defineOperation<{ logits: tf.Tensor; targets: tf.Tensor }, Record<never, never>>(
  'CrossEntropy',
  ['logits', 'targets'],
  {
    forward: ({ logits, targets }) => {
      const peak = tf.max(logits, -1, true);
      const logSumExp = tf.add(tf.log(tf.sum(tf.exp(tf.sub(logits, peak)), -1)), tf.squeeze(peak, [-1]));
      const chosen = tf.sum(tf.mul(logits, oneHot(targets, logits.shape[1]!)), -1);
      return [tf.sub(logSumExp, chosen), logSumExp];
    },
    backward: ([dLoss], { logits, targets }, [, logSumExp]) => {
      const softmax = tf.exp(tf.sub(logits, tf.expandDims(logSumExp!, -1)));
      return { logits: tf.mul(tf.sub(softmax, oneHot(targets, logits.shape[1]!)), tf.expandDims(dLoss!, -1)) };
    },
  },
);

/** @param logits [N, V] @param targets [N] int32 @returns loss of each token in nats, [N] */
export function crossEntropy(logits: tf.Tensor, targets: tf.Tensor): tf.Tensor {
  return crossEntropyOperation({ logits, targets }, {})[0]!;
}
