// Compiled programs of ours, by device: each is compiled where it is first met, or asked for ahead of time, many at once.
import * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { assert } from '../../core/assert';

/** What a pipeline is made from. */
export interface PipelineSource {
  /** Different for every different `wgsl`. */
  readonly key: string;
  /** For whoever debugs or counts. */
  readonly label: string;
  /** Bindings in group 0: outputs, inputs, then the uniforms. The entry point is `start`. */
  readonly wgsl: () => string;
  readonly outputs: number;
  readonly inputs: number;
}

interface Pipelines {
  readonly ready: Map<string, GPUComputePipeline>;
  /** Asked for and not there yet; never rejects. */
  readonly coming: Map<string, Promise<void>>;
}

const pipelinesOf = new WeakMap<GPUDevice, Pipelines>();

function pipelinesOn(device: GPUDevice): Pipelines {
  const known = pipelinesOf.get(device) ?? { ready: new Map(), coming: new Map() };
  pipelinesOf.set(device, known);
  return known;
}

function descriptorFor(device: GPUDevice, { label, wgsl, outputs, inputs }: PipelineSource): GPUComputePipelineDescriptor {
  const types = [
    ...Array.from({ length: outputs }, () => 'storage' as const),
    ...Array.from({ length: inputs }, () => 'read-only-storage' as const),
    'uniform' as const,
  ];
  const entries = types.map((type, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } }));
  const layout = device.createPipelineLayout({ bindGroupLayouts: [device.createBindGroupLayout({ entries })] });
  return { label, layout, compute: { module: device.createShaderModule({ code: wgsl() }), entryPoint: 'start' } };
}

/** The pipeline, compiled on the spot where it is not ready. */
export function pipelineFor(device: GPUDevice, source: PipelineSource): GPUComputePipeline {
  const { ready } = pipelinesOn(device);
  const pipeline = ready.get(source.key) ?? device.createComputePipeline(descriptorFor(device, source));
  ready.set(source.key, pipeline);
  return pipeline;
}

/** A program that is not ready: called, it is compiled beside whatever else is. The promise never rejects. */
export type Wanted = () => Promise<void>;

/** While something is rehearsed: everything it asked for, by key. */
let asked: Map<string, Wanted> | null = null;

/** Whether operations only ask for their programs: nothing is computed, and no tensor of ours has a buffer. */
export const isRehearsing = (): boolean => asked !== null;

/** Notes that what `pipelineFor` would give is wanted. */
export function askFor(device: GPUDevice, source: PipelineSource): void {
  assert(asked !== null, 'a program was asked for outside a rehearsal');
  if (!pipelinesOn(device).ready.has(source.key)) asked.set(source.key, () => compileAhead(device, source));
}

/** A program that does not compile is left to `pipelineFor`, whose fault the device tells. */
function compileAhead(device: GPUDevice, source: PipelineSource): Promise<void> {
  const { ready, coming } = pipelinesOn(device);
  if (ready.has(source.key)) return Promise.resolve();
  const here =
    coming.get(source.key) ??
    device.createComputePipelineAsync(descriptorFor(device, source)).then(
      (pipeline) => void (ready.has(source.key) || ready.set(source.key, pipeline)),
      () => undefined,
    );
  coming.set(source.key, here);
  return here;
}

/** The part of the backend that its types leave out. */
interface PipelineCache {
  readonly pipelineCache: Record<string, GPUComputePipeline | Promise<GPUComputePipeline>>;
}

/** tfjs' own programs that a rehearsal has begun to compile. They leave its cache until they are ready: it takes what it finds there for ready. */
function takeComing({ pipelineCache }: PipelineCache): Wanted[] {
  return Object.entries(pipelineCache).flatMap(([key, pipeline]) => {
    if (!(pipeline instanceof Promise)) return [];
    delete pipelineCache[key];
    const coming = pipeline.then(
      (ready) => void (pipelineCache[key] ??= ready),
      () => undefined,
    );
    return [() => coming];
  });
}

const FLAGS = { WEBGPU_ENGINE_COMPILE_ONLY: true, WEBGPU_CPU_FORWARD: false };

/**
 * Runs `f` on the current backend, which must be WebGPU, computing nothing. `f` may read no tensor, and what it leaves holds no values.
 * @returns every program that `f` would run and that is not ready, each once; those of tfjs itself are being compiled already
 */
export function rehearsed(f: () => void): Wanted[] {
  const backend = tf.backend() as WebGPUBackend;
  const environment = tf.env();
  const before = Object.keys(FLAGS).map((flag) => [flag, environment.getBool(flag)] as const);
  asked = new Map();
  try {
    for (const [flag, value] of Object.entries(FLAGS)) environment.set(flag, value);
    f();
    return [...asked.values(), ...takeComing(backend as unknown as PipelineCache)];
  } finally {
    for (const [flag, value] of before) environment.set(flag, value);
    asked = null;
  }
}
