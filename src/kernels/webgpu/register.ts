// Gives every operation its WebGPU path. Loaded only when that backend starts.
import { adamWOperation } from '../adamW/adamW';
import { adamWWebGpu } from '../adamW/adamW.webgpu';
import { assignmentsOperation } from '../assignments/assignments';
import { assignmentsWebGpu } from '../assignments/assignments.webgpu';
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
import { figuresOperation } from '../figures/figures';
import { figuresWebGpu } from '../figures/figures.webgpu';
import { linearOperation } from '../linear/linear';
import { linearWebGpu } from '../linear/linear.webgpu';
import type { Attributes, NamedTensors, Operation, Path } from '../operation';
import { packedOperation } from '../packed/packed';
import { packedWebGpu } from '../packed/packed.webgpu';
import { qkNormRopeOperation } from '../qkNormRope/qkNormRope';
import { qkNormRopeWebGpu } from '../qkNormRope/qkNormRope.webgpu';
import { qkvProjectionsOperation } from '../qkvProjections/qkvProjections';
import { qkvProjectionsWebGpu } from '../qkvProjections/qkvProjections.webgpu';
import { residualNormOperation } from '../residualNorm/residualNorm';
import { residualNormWebGpu } from '../residualNorm/residualNorm.webgpu';
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
import { together } from './together';

/** Gives `operation` its path; in each pass through it, programs that need not wait for each other share a dispatch. */
function give<Inputs extends NamedTensors, Attrs extends Attributes>(
  operation: Operation<Inputs, Attrs>,
  path: Path<Inputs, Attrs>,
): void {
  const { backward } = path;
  operation.setPath('webgpu', {
    forward: (inputs, attributes) => together(() => path.forward(inputs, attributes)),
    ...(backward && { backward: (...given) => together(() => backward(...given)) }),
  });
}

// A hardware thread has few registers and many neighbours; a load of the software adapter costs as much as several products.
const HARDWARE_TILES = { forward: 1, queries: 1, keys: 1 };
const SOFTWARE_TILES = { forward: 2, queries: 1, keys: 1 };

/** @param hardware whether the adapter is one: its products go through workgroup memory, the software adapter's through registers */
export function registerWebGpuPaths({ hardware }: { hardware: boolean }): void {
  const matmul = hardware ? tiledMatmul : registerMatmul;
  adamWOperation.setPath('webgpu', adamWWebGpu);
  give(assignmentsOperation, assignmentsWebGpu);
  give(attentionOperation, attentionWebGpu(hardware ? HARDWARE_TILES : SOFTWARE_TILES));
  give(biasUpdateOperation, biasUpdateWebGpu);
  give(cachedAttentionOperation, cachedAttentionWebGpu);
  give(crossEntropyOperation, crossEntropyWebGpu);
  give(embeddingOperation, embeddingWebGpu);
  give(expertsOperation, expertsWebGpu(matmul));
  figuresOperation.setPath('webgpu', figuresWebGpu);
  give(linearOperation, linearWebGpu(matmul));
  packedOperation.setPath('webgpu', packedWebGpu);
  give(qkNormRopeOperation, qkNormRopeWebGpu);
  give(qkvProjectionsOperation, qkvProjectionsWebGpu(matmul));
  give(residualNormOperation, residualNormWebGpu);
  give(rmsNormOperation, rmsNormWebGpu);
  give(routerOperation, routerWebGpu);
  sequenceBalanceOperation.setPath('webgpu', sequenceBalanceWebGpu);
  give(swigluOperation, swigluWebGpu(matmul));
}
