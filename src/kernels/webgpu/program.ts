// One WGSL program in, one tensor out: the thin layer between an operation's WGSL and tfjs' WebGPU backend.
import * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu/dist/webgpu_program';

/** What a program's text depends on. The pipeline's key is made of these and nothing else, so a text may depend on nothing else. */
export type Constants = Readonly<Record<string, number | string | boolean>>;

export interface Program<C extends Constants> {
  readonly name: string;
  /** Body of `main(index: i32)`: reads the inputs by name and `uniforms.<name>`, writes `result`. */
  readonly body: (constants: C) => string;
  /** WGSL before `main`. */
  readonly declarations?: (constants: C) => string;
  /**
   * `free`: threads are independent, those beyond the launch's count return at once.
   * `together`: whole workgroups of `WORKGROUP` threads, which may meet at barriers.
   */
  readonly threads?: 'free' | 'together';
}

export interface Launch<C extends Constants> {
  /** By WGSL name; `out` is taken by tfjs. */
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  readonly shape: number[];
  /** A tensor of that shape to write into, which no input may be; the program then writes as much of it as it likes. */
  readonly into?: tf.Tensor;
  readonly constants: C;
  readonly dtype?: 'float32' | 'int32';
  /** Whole-number uniforms by name. */
  readonly ints?: Readonly<Record<string, number>>;
  /** Float uniforms by name. */
  readonly floats?: Readonly<Record<string, number>>;
  /** How many threads to start; left out, one for each element of the output. */
  readonly threads?: number;
}

export const WORKGROUP = 64;

/** WGSL of the whole program after tfjs' own preamble. */
function source<C extends Constants>(program: Program<C>, launch: Launch<C>): string {
  // Pipelines have an automatic layout: a binding that is never mentioned would be left out of it, and the work would vanish.
  const mentions = [...Object.keys(launch.inputs), 'uniforms', 'result'].map((name) => `_ = &${name};`).join(' ');
  const guard = program.threads === 'together' ? '' : 'if (index >= uniforms.threads) { return; }';
  return `${program.declarations?.(launch.constants) ?? ''}
fn main(index: i32) {
  ${mentions}
  ${guard}
  ${program.body(launch.constants)}
}`;
}

/** tfjs derives pipelines and preambles from shapes; our programs get theirs as uniforms, so it is shown one shape for everything. */
const ANY_SHAPE = [2];

/**
 * Runs `program` on the current backend, which must be WebGPU.
 * @returns `launch.into`, or else a new tensor of `launch.shape`: the program must write all of that, buffers are reused without clearing
 */
export function run<C extends Constants>(program: Program<C>, launch: Launch<C>): tf.Tensor {
  const { inputs, shape, into, constants, ints = {}, floats = {}, dtype = 'float32' } = launch;
  const size = shape.reduce((product, length) => product * length, 1);
  if (size === 0) return tf.zeros(shape, dtype);
  const threads = launch.threads ?? size;
  const uniforms = ['threads', ...Object.keys(ints)].map((name) => `${name} : i32`);
  uniforms.push(...Object.keys(floats).map((name) => `${name} : f32`));
  const tfjsProgram: WebGPUProgram = {
    variableNames: Object.keys(inputs),
    outputShape: ANY_SHAPE,
    shaderKey: `${program.name} ${JSON.stringify(constants)}`,
    uniforms: `${uniforms.join(', ')}, `,
    workgroupSize: [WORKGROUP, 1, 1],
    dispatchLayout: { x: [0] },
    dispatch: [Math.max(1, Math.ceil(threads / WORKGROUP)), 1, 1],
    getUserCode: () => source(program, launch),
  };
  const values = [
    ...[threads, ...Object.values(ints)].map((value) => ({ type: 'int32', data: [value] })),
    ...Object.values(floats).map((value) => ({ type: 'float32', data: [value] })),
  ];
  const backend = tf.backend() as WebGPUBackend;
  const output = into ?? backend.makeTensorInfo(shape, dtype);
  const anyShape = (tensor: tf.TensorInfo): tf.TensorInfo => ({ dataId: tensor.dataId, dtype: tensor.dtype, shape: ANY_SHAPE });
  backend.runWebGPUProgram(tfjsProgram, Object.values(inputs).map(anyShape), dtype, values, anyShape(output));
  return into ?? tf.engine().makeTensorFromTensorInfo(output);
}
