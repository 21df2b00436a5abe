// Recording work of our own between that of tfjs' WebGPU backend: its passes, its buffers, our pipelines.
import * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { assert } from '../../core/assert';
import { askFor, isRehearsing, pipelineFor, type PipelineSource } from './pipelines';

/** The parts of the backend that its types leave out. */
interface Recorder {
  readonly commandEncoder: GPUCommandEncoder;
  computePassEncoder: GPUComputePassEncoder | null;
  readonly commandQueueOwnedIds: WeakSet<object>;
  dispatchCountInPass: number;
  makeUniforms(values: readonly { readonly type: string; readonly data: number[] }[]): GPUBindingResource;
}

export interface Work {
  readonly outputs: readonly tf.TensorInfo[];
  readonly inputs: readonly tf.TensorInfo[];
  readonly uniforms: readonly { readonly type: 'int32' | 'float32'; readonly data: number[] }[];
  readonly workgroups: number;
}

/** The current backend, which must be WebGPU. */
export function webGpuBackend(): WebGPUBackend {
  return tf.backend() as WebGPUBackend;
}

/** A tensor's buffer, made if there is none yet. */
export function bufferOf(backend: WebGPUBackend, { dataId }: tf.TensorInfo): GPUBuffer {
  backend.uploadToGPU(dataId);
  return backend.tensorMap.get(dataId).resource as GPUBuffer;
}

/** To be said of every tensor that is written in place: the backend remembers what it once read of a tensor, and would go on telling that. */
export function writtenInPlace({ dataId }: tf.TensorInfo): void {
  if (isRehearsing()) return;
  const backend = webGpuBackend();
  backend.uploadToGPU(dataId);
  Object.defineProperty(backend.tensorMap.get(dataId), 'values', { get: () => null, set() {}, configurable: true });
}

/** Records one dispatch. `work` names the tensors in the order of their bindings. */
export function record(source: PipelineSource, { outputs, inputs, uniforms, workgroups }: Work): void {
  const backend = webGpuBackend();
  const { device } = backend;
  if (isRehearsing()) return askFor(device, source);
  const buffers = [...outputs, ...inputs].map((tensor) => bufferOf(backend, tensor));
  const pipeline = pipelineFor(device, source);
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
  readonly source: tf.TensorInfo;
  readonly sourceAt: number;
  readonly target: tf.TensorInfo;
  readonly targetAt: number;
  readonly count: number;
}

/** Records copies from buffer to buffer, between two passes. No tensor may be copied onto itself. */
export function recordCopies(copies: readonly Copy[]): void {
  if (isRehearsing()) return;
  const backend = webGpuBackend();
  const recorder = backend as unknown as Recorder;
  const resolved = copies.map((copy) => ({ ...copy, from: bufferOf(backend, copy.source), to: bufferOf(backend, copy.target) }));
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  for (const { target } of copies) writtenInPlace(target);
  for (const { from, sourceAt, to, targetAt, count } of resolved) {
    recorder.commandEncoder.copyBufferToBuffer(from, 4 * sourceAt, to, 4 * targetAt, 4 * count);
  }
  own(
    recorder,
    copies.flatMap(({ source, target }) => [source, target]),
  );
}
