// What the host calls. Every argument that is an address points into the heap of the tensor library.
export { attention, attentionBackward, attentionWork } from './attention';
export { experts, expertsBackward, expertsWork } from './experts';
export { gemm, gemmWork } from './gemm';
export { crossEntropy, crossEntropyBackward, embed, embedBackward, rmsNorm, rmsNormBackward, swiglu, swigluBackward } from './rows';
