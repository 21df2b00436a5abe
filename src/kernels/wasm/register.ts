// Gives the wasm backend its paths.
import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { accumulationOperation } from '../accumulation/accumulation';
import { accumulationOnWasm } from '../accumulation/accumulation.wasm';
import { adamWOperation } from '../adamW/adamW';
import { adamWOnWasm } from '../adamW/adamW.wasm';
import { assignmentsOperation } from '../assignments/assignments';
import { assignmentsOnWasm } from '../assignments/assignments.wasm';
import { attentionOperation } from '../attention/attention';
import { attentionOnWasm } from '../attention/attention.wasm';
import { cachedAttentionOperation } from '../cachedAttention/cachedAttention';
import { cachedAttentionOnWasm } from '../cachedAttention/cachedAttention.wasm';
import { crossEntropyOperation } from '../crossEntropy/crossEntropy';
import { crossEntropyOnWasm } from '../crossEntropy/crossEntropy.wasm';
import { embeddingOperation } from '../embedding/embedding';
import { embeddingOnWasm } from '../embedding/embedding.wasm';
import { biasUpdateOperation } from '../expertBias/expertBias';
import { biasUpdateOnWasm } from '../expertBias/expertBias.wasm';
import { expertsOperation } from '../experts/experts';
import { expertsOnWasm } from '../experts/experts.wasm';
import { figuresOperation } from '../figures/figures';
import { figuresOnWasm } from '../figures/figures.wasm';
import { linearOperation } from '../linear/linear';
import { linearOnWasm } from '../linear/linear.wasm';
import { packedOperation } from '../packed/packed';
import { packedOnWasm } from '../packed/packed.wasm';
import { qkNormRopeOperation } from '../qkNormRope/qkNormRope';
import { qkNormRopeOnWasm } from '../qkNormRope/qkNormRope.wasm';
import { qkvProjectionsOperation } from '../qkvProjections/qkvProjections';
import { qkvProjectionsOnWasm } from '../qkvProjections/qkvProjections.wasm';
import { residualNormOperation } from '../residualNorm/residualNorm';
import { residualNormOnWasm } from '../residualNorm/residualNorm.wasm';
import { rmsNormOperation } from '../rmsNorm/rmsNorm';
import { rmsNormOnWasm } from '../rmsNorm/rmsNorm.wasm';
import { routerOperation } from '../router/router';
import { routerOnWasm } from '../router/router.wasm';
import { sequenceBalanceOperation } from '../sequenceBalance/sequenceBalance';
import { sequenceBalanceOnWasm } from '../sequenceBalance/sequenceBalance.wasm';
import { swigluOperation } from '../swiglu/swiglu';
import { swigluOnWasm } from '../swiglu/swiglu.wasm';
import { openHeap } from './heap';

/** Loads our kernels onto the current backend's heap and hands every operation its wasm path. Call once after the wasm backend has started. */
export async function registerWasmPaths(): Promise<void> {
  const heap = await openHeap();
  shareClones();
  accumulationOperation.setPath('wasm', accumulationOnWasm(heap));
  adamWOperation.setPath('wasm', adamWOnWasm(heap));
  assignmentsOperation.setPath('wasm', assignmentsOnWasm(heap));
  attentionOperation.setPath('wasm', attentionOnWasm(heap));
  biasUpdateOperation.setPath('wasm', biasUpdateOnWasm(heap));
  cachedAttentionOperation.setPath('wasm', cachedAttentionOnWasm(heap));
  crossEntropyOperation.setPath('wasm', crossEntropyOnWasm(heap));
  embeddingOperation.setPath('wasm', embeddingOnWasm(heap));
  expertsOperation.setPath('wasm', expertsOnWasm(heap));
  figuresOperation.setPath('wasm', figuresOnWasm(heap));
  linearOperation.setPath('wasm', linearOnWasm(heap));
  packedOperation.setPath('wasm', packedOnWasm(heap));
  qkNormRopeOperation.setPath('wasm', qkNormRopeOnWasm(heap));
  qkvProjectionsOperation.setPath('wasm', qkvProjectionsOnWasm(heap));
  residualNormOperation.setPath('wasm', residualNormOnWasm(heap));
  rmsNormOperation.setPath('wasm', rmsNormOnWasm(heap));
  routerOperation.setPath('wasm', routerOnWasm(heap));
  sequenceBalanceOperation.setPath('wasm', sequenceBalanceOnWasm(heap));
  swigluOperation.setPath('wasm', swigluOnWasm(heap));
}

/**
 * The tape clones every tensor it saves, and tfjs' own wasm kernel copies a clone value by value; its other backends share the memory.
 * Sharing is safe while nothing writes into a tensor that the tape still holds: only the optimizer writes in place, after the tape is done.
 */
function shareClones(): void {
  tf.unregisterKernel('Identity', 'wasm');
  tf.registerKernel({
    kernelName: 'Identity',
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend }) => {
      const { dataId, shape, dtype } = inputs['x'] as tf.Tensor;
      (backend as BackendWasm).incRef(dataId);
      return { dataId, shape, dtype };
    },
  });
}
