// What the host calls. Every argument that is an address points into the heap of the tensor library.
export { attention, attentionBackward, attentionWork } from './attention';
export { assignments, biasUpdate, expertTotals, sequenceBalance, sequenceBalanceBackward, sequenceBalanceWork } from './balance';
export { cachedAttention, cachedAttentionWork } from './cachedAttention';
export { experts, expertsBackward, expertsWork } from './experts';
export { gemm, gemmWork } from './gemm';
export { adamW, clipControl, sumOfSquares } from './optimizer';
export { qkNormRope, qkNormRopeBackward } from './rope';
export { router, routerBackward, routerWork } from './router';
export {
  addScaled,
  columnFigure,
  copyFloats,
  copyWholes,
  crossEntropy,
  crossEntropyBackward,
  embed,
  embedBackward,
  residualNorm,
  residualNormBackward,
  rmsNorm,
  rmsNormBackward,
  swiglu,
  swigluBackward,
} from './rows';
