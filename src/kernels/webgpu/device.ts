// Recording work of our own between that of tfjs' WebGPU backend: its passes, its buffers, our pipelines.
import * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { assert } from '../../core/assert';

/** The parts of the backend that its types leave out. */
interface Recorder {
  readonly commandEncoder: GPUCommandEncoder;
  computePassEncoder: GPUComputePassEncoder | null;
  readonly commandQueueOwnedIds: WeakSet<object>;
  dispatchCountInPass: number;
  makeUniforms(values: readonly { readonly type: string; readonly data: number[] }[]): GPUBindingResource;
}

/** What a pipeline is made from. */
export interface PipelineSource {
  /** Different for every different `wgsl`. */
  readonly key: string;
  /** Bindings in group 0: outputs, inputs, then the uniforms. The entry point is `start`. */
  readonly wgsl: () => string;
  readonly outputs: number;
  readonly inputs: number;
}

export interface Work {
  readonly outputs: readonly tf.TensorInfo[];
  readonly inputs: readonly tf.TensorInfo[];
  readonly uniforms: readonly { readonly type: 'int32' | 'float32'; readonly data: number[] }[];
  readonly workgroups: number;
}

interface Pipelines {
  readonly ready: Map<string, GPUComputePipeline>;
  readonly compiling: Map<string, Promise<void>>;
}

const pipelinesOf = new WeakMap<GPUDevice, Pipelines>();

function pipelinesOn(device: GPUDevice): Pipelines {
  const known = pipelinesOf.get(device) ?? { ready: new Map(), compiling: new Map() };
  pipelinesOf.set(device, known);
  return known;
}

/** tfjs' own flag: nothing runs, pipelines compile side by side. */
const COMPILE_ONLY = 'WEBGPU_ENGINE_COMPILE_ONLY';

/** The current backend, which must be WebGPU. */
export function webGpuBackend(): WebGPUBackend {
  return tf.backend() as WebGPUBackend;
}

/** A tensor's buffer, made if there is none yet. */
export function bufferOf(backend: WebGPUBackend, { dataId }: tf.TensorInfo): GPUBuffer {
  backend.uploadToGPU(dataId);
  return backend.tensorMap.get(dataId).resource as GPUBuffer;
}

function descriptorFor(device: GPUDevice, { wgsl, outputs, inputs }: PipelineSource): GPUComputePipelineDescriptor {
  const types = [
    ...Array.from({ length: outputs }, () => 'storage' as const),
    ...Array.from({ length: inputs }, () => 'read-only-storage' as const),
    'uniform' as const,
  ];
  const entries = types.map((type, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } }));
  const layout = device.createPipelineLayout({ bindGroupLayouts: [device.createBindGroupLayout({ entries })] });
  return { layout, compute: { module: device.createShaderModule({ code: wgsl() }), entryPoint: 'start' } };
}

/** @returns the pipeline, or undefined while it is only being compiled */
function pipelineFor(device: GPUDevice, source: PipelineSource): GPUComputePipeline | undefined {
  const { ready, compiling } = pipelinesOn(device);
  const known = ready.get(source.key);
  if (known) return known;
  if (!tf.env().getBool(COMPILE_ONLY)) {
    const pipeline = device.createComputePipeline(descriptorFor(device, source));
    ready.set(source.key, pipeline);
    return pipeline;
  }
  if (!compiling.has(source.key)) {
    const done = device.createComputePipelineAsync(descriptorFor(device, source)).then((pipeline) => {
      ready.set(source.key, pipeline);
    });
    compiling.set(source.key, done);
  }
  return undefined;
}

/** Our own pipelines compiled and asked for so far, on the current backend. */
function compileCount(device: GPUDevice): { done: number; total: number } {
  const { ready, compiling } = pipelinesOn(device);
  return { done: ready.size, total: new Set([...ready.keys(), ...compiling.keys()]).size };
}

/**
 * Compiles every pipeline that `pass` uses, side by side and without blocking; `pass` computes nothing meanwhile and must read nothing.
 * @param onProgress pipelines ready, of those known to be needed
 */
export async function compileAhead(pass: () => void, onProgress: (done: number, total: number) => void): Promise<void> {
  const backend = webGpuBackend();
  const { compiling } = pipelinesOn(backend.device);
  const report = () => {
    const { done, total } = compileCount(backend.device);
    onProgress(done, total);
  };
  tf.env().set(COMPILE_ONLY, true);
  try {
    pass();
  } finally {
    tf.env().set(COMPILE_ONLY, false);
  }
  report();
  await Promise.all([...compiling.values()].map((done) => done.then(report)));
  await backend.checkCompileCompletionAsync();
  compiling.clear();
}

/** Records one dispatch. `work` names the tensors in the order of their bindings. */
export function record(source: PipelineSource, { outputs, inputs, uniforms, workgroups }: Work): void {
  const backend = webGpuBackend();
  const { device } = backend;
  const buffers = [...outputs, ...inputs].map((tensor) => bufferOf(backend, tensor));
  const pipeline = pipelineFor(device, source);
  if (!pipeline) return;
  const recorder = backend as unknown as Recorder;
  const resources = [...buffers.map((buffer) => ({ buffer })), recorder.makeUniforms(uniforms)];
  const bindGroup = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: resources.map((resource, binding) => ({ binding, resource })),
  });
  own(recorder, [...outputs, ...inputs]);
  backend.ensureCommandEncoderReady();
  recorder.computePassEncoder ??= recorder.commandEncoder.beginComputePass();
  const pass = recorder.computePassEncoder;
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  const most = device.limits.maxComputeWorkgroupsPerDimension;
  const down = Math.ceil(workgroups / most);
  assert(down <= most, `${workgroups} workgroups are more than this adapter takes`);
  pass.dispatchWorkgroups(Math.ceil(workgroups / down), down);
  recorder.dispatchCountInPass++;
  if (recorder.dispatchCountInPass >= tf.env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE')) {
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
}

/** Buffers of tensors that are disposed of before the work is submitted stay theirs until then. */
function own(recorder: Recorder, tensors: readonly tf.TensorInfo[]): void {
  for (const { dataId } of tensors) recorder.commandQueueOwnedIds.add(dataId);
}

/** A piece of one float tensor that is copied over a piece of another, in elements. */
export interface Copy {
  readonly from: tf.TensorInfo;
  readonly fromAt: number;
  readonly to: tf.TensorInfo;
  readonly toAt: number;
  readonly count: number;
}

/** Records copies from buffer to buffer, between two passes. No tensor may be copied onto itself. */
export function recordCopies(copies: readonly Copy[]): void {
  const backend = webGpuBackend();
  if (tf.env().getBool(COMPILE_ONLY)) return;
  const recorder = backend as unknown as Recorder;
  const resolved = copies.map((copy) => ({ ...copy, source: bufferOf(backend, copy.from), target: bufferOf(backend, copy.to) }));
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  for (const { source, fromAt, target, toAt, count } of resolved) {
    recorder.commandEncoder.copyBufferToBuffer(source, 4 * fromAt, target, 4 * toAt, 4 * count);
  }
  own(
    recorder,
    copies.flatMap(({ from, to }) => [from, to]),
  );
}
