// Gives the wasm backend its paths.
import { attentionOperation } from '../attention/attention';
import { attentionOnWasm } from '../attention/attention.wasm';
import { crossEntropyOperation } from '../crossEntropy/crossEntropy';
import { crossEntropyOnWasm } from '../crossEntropy/crossEntropy.wasm';
import { embeddingOperation } from '../embedding/embedding';
import { embeddingOnWasm } from '../embedding/embedding.wasm';
import { expertsOperation } from '../experts/experts';
import { expertsOnWasm } from '../experts/experts.wasm';
import { linearOperation } from '../linear/linear';
import { linearOnWasm } from '../linear/linear.wasm';
import { rmsNormOperation } from '../rmsNorm/rmsNorm';
import { rmsNormOnWasm } from '../rmsNorm/rmsNorm.wasm';
import { swigluOperation } from '../swiglu/swiglu';
import { swigluOnWasm } from '../swiglu/swiglu.wasm';
import { openHeap } from './heap';

/** Loads our kernels onto the current backend's heap and hands every operation its wasm path. Call once after the wasm backend has started. */
export async function registerWasmPaths(): Promise<void> {
  const heap = await openHeap();
  attentionOperation.setPath('wasm', attentionOnWasm(heap));
  crossEntropyOperation.setPath('wasm', crossEntropyOnWasm(heap));
  embeddingOperation.setPath('wasm', embeddingOnWasm(heap));
  expertsOperation.setPath('wasm', expertsOnWasm(heap));
  linearOperation.setPath('wasm', linearOnWasm(heap));
  rmsNormOperation.setPath('wasm', rmsNormOnWasm(heap));
  swigluOperation.setPath('wasm', swigluOnWasm(heap));
}
