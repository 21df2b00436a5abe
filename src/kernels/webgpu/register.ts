// Gives every operation its WebGPU path. Loaded only when that backend starts.
import { adamWOperation } from '../adamW/adamW';
import { adamWWebGpu } from '../adamW/adamW.webgpu';
import { assignmentsOperation, expertTotalsOperation } from '../assignments/assignments';
import { assignmentsWebGpu, expertTotalsWebGpu } from '../assignments/assignments.webgpu';
import { attentionOperation } from '../attention/attention';
import { attentionWebGpu } from '../attention/attention.webgpu';
import { cachedAttentionOperation } from '../cachedAttention/cachedAttention';
import { cachedAttentionWebGpu } from '../cachedAttention/cachedAttention.webgpu';
import { crossEntropyOperation } from '../crossEntropy/crossEntropy';
import { crossEntropyWebGpu } from '../crossEntropy/crossEntropy.webgpu';
import { embeddingOperation } from '../embedding/embedding';
import { embeddingWebGpu } from '../embedding/embedding.webgpu';
import { biasUpdateOperation } from '../expertBias/expertBias';
import { biasUpdateWebGpu } from '../expertBias/expertBias.webgpu';
import { expertsOperation } from '../experts/experts';
import { expertsWebGpu } from '../experts/experts.webgpu';
import { linearOperation } from '../linear/linear';
import { linearWebGpu } from '../linear/linear.webgpu';
import { qkNormRopeOperation } from '../qkNormRope/qkNormRope';
import { qkNormRopeWebGpu } from '../qkNormRope/qkNormRope.webgpu';
import { rmsNormOperation } from '../rmsNorm/rmsNorm';
import { rmsNormWebGpu } from '../rmsNorm/rmsNorm.webgpu';
import { routerOperation } from '../router/router';
import { routerWebGpu } from '../router/router.webgpu';
import { sequenceBalanceOperation } from '../sequenceBalance/sequenceBalance';
import { sequenceBalanceWebGpu } from '../sequenceBalance/sequenceBalance.webgpu';
import { swigluOperation } from '../swiglu/swiglu';
import { swigluWebGpu } from '../swiglu/swiglu.webgpu';
import { registerMatmul } from './registerMatmul';
import { tiledMatmul } from './tiledMatmul';

// A hardware thread has few registers and many neighbours; a load of the software adapter costs as much as several products.
const HARDWARE_TILES = { forward: 1, queries: 1, keys: 1 };
const SOFTWARE_TILES = { forward: 2, queries: 1, keys: 1 };

/** @param hardware whether the adapter is one: its products go through workgroup memory, the software adapter's through registers */
export function registerWebGpuPaths({ hardware }: { hardware: boolean }): void {
  const matmul = hardware ? tiledMatmul : registerMatmul;
  adamWOperation.setPath('webgpu', adamWWebGpu);
  assignmentsOperation.setPath('webgpu', assignmentsWebGpu);
  attentionOperation.setPath('webgpu', attentionWebGpu(hardware ? HARDWARE_TILES : SOFTWARE_TILES));
  biasUpdateOperation.setPath('webgpu', biasUpdateWebGpu);
  cachedAttentionOperation.setPath('webgpu', cachedAttentionWebGpu);
  crossEntropyOperation.setPath('webgpu', crossEntropyWebGpu);
  embeddingOperation.setPath('webgpu', embeddingWebGpu);
  expertTotalsOperation.setPath('webgpu', expertTotalsWebGpu);
  expertsOperation.setPath('webgpu', expertsWebGpu(matmul));
  linearOperation.setPath('webgpu', linearWebGpu(matmul));
  qkNormRopeOperation.setPath('webgpu', qkNormRopeWebGpu);
  rmsNormOperation.setPath('webgpu', rmsNormWebGpu);
  routerOperation.setPath('webgpu', routerWebGpu);
  sequenceBalanceOperation.setPath('webgpu', sequenceBalanceWebGpu);
  swigluOperation.setPath('webgpu', swigluWebGpu);
}
