// Every operation of a dense model by its definition: the model as composed tfjs operations, on whatever backend runs.
import { adamWOperation, clipControlOperation, sumOfSquaresOperation } from '../../src/kernels/adamW/adamW';
import { attentionOperation } from '../../src/kernels/attention/attention';
import { crossEntropyOperation } from '../../src/kernels/crossEntropy/crossEntropy';
import { embeddingOperation } from '../../src/kernels/embedding/embedding';
import { linearOperation } from '../../src/kernels/linear/linear';
import type { FastBackend } from '../../src/kernels/operation';
import { qkNormRopeOperation } from '../../src/kernels/qkNormRope/qkNormRope';
import { rmsNormOperation } from '../../src/kernels/rmsNorm/rmsNorm';
import { swigluOperation } from '../../src/kernels/swiglu/swiglu';

/** Takes the fast paths of `backend` away from everything a dense model runs. */
export function composeOn(backend: FastBackend): void {
  adamWOperation.setPath(backend, adamWOperation.definition);
  attentionOperation.setPath(backend, attentionOperation.definition);
  clipControlOperation.setPath(backend, clipControlOperation.definition);
  crossEntropyOperation.setPath(backend, crossEntropyOperation.definition);
  embeddingOperation.setPath(backend, embeddingOperation.definition);
  linearOperation.setPath(backend, linearOperation.definition);
  qkNormRopeOperation.setPath(backend, qkNormRopeOperation.definition);
  rmsNormOperation.setPath(backend, rmsNormOperation.definition);
  sumOfSquaresOperation.setPath(backend, sumOfSquaresOperation.definition);
  swigluOperation.setPath(backend, swigluOperation.definition);
}
