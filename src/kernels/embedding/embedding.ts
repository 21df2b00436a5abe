// Rows of a table by token id.
import * as tf from '@tensorflow/tfjs-core';
import { oneHot } from '../oneHot';
import { defineOperation } from '../operation';

/** y_n = table[id_n]; d table[v] = Σ_{n: id_n = v} dy_n. Inputs: table [V, C], ids [N] int32 in [0, V). Output [N, C]. */
export const embeddingOperation = defineOperation<{ table: tf.Tensor; ids: tf.Tensor }, Record<never, never>>(
  'Embedding',
  ['table', 'ids'],
  {
    forward: ({ table, ids }) => [tf.gather(table, ids)],
    backward: ([dy], { table, ids }) => {
      return { table: tf.matMul(tf.transpose(oneHot(ids, table.shape[0]!)) as tf.Tensor2D, dy as tf.Tensor2D) };
    },
  },
);

/** Embeds token ids. @param table [V, C] @param ids [N] int32 @returns [N, C] */
export function embedding(table: tf.Tensor, ids: tf.Tensor): tf.Tensor {
  return embeddingOperation({ table, ids }, {})[0]!;
}
