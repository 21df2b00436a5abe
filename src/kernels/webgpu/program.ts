// One WGSL program in, tensors out: the thin layer between an operation's WGSL and the device.
import * as tf from '@tensorflow/tfjs-core';
import { webGpuBackend, writtenInPlace } from './device';
import type { Bound } from './text';
import { launch as launchPart } from './together';

/** What a program's text depends on. The pipeline's key is made of these, the names and the types; a text may depend on nothing else. */
export type Constants = Readonly<Record<string, number | string | boolean>>;

export interface Program<C extends Constants> {
  readonly name: string;
  /** Body of `main(index: i32)`: reads the inputs by name and `uniforms.<name>`, writes the outputs by name. */
  readonly body: (constants: C) => string;
  /** WGSL before `main`. */
  readonly declarations?: (constants: C) => string;
  /**
   * `free`: threads are independent, those beyond the launch's count return at once.
   * `together`: whole workgroups of `WORKGROUP` threads, which may meet at barriers.
   */
  readonly threads?: 'free' | 'together';
}

type DType = 'float32' | 'int32';

/** A new tensor to be written in full (buffers are reused without clearing), or one that is written in place. */
export type Output = { readonly shape: readonly number[]; readonly dtype?: DType } | tf.Tensor;

interface Common<C extends Constants> {
  /** By WGSL name. None may be written to in the same launch. */
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  readonly constants: C;
  /** Whole-number uniforms by name. */
  readonly ints?: Readonly<Record<string, number>>;
  /** Float uniforms by name. */
  readonly floats?: Readonly<Record<string, number>>;
}

export interface Launch<C extends Constants> extends Common<C> {
  readonly shape: number[];
  /** A tensor of that shape to write into, which no input may be; the program then writes as much of it as it likes. */
  readonly into?: tf.Tensor;
  readonly dtype?: DType;
  /** How many threads to start; left out, one for each element of the output. */
  readonly threads?: number;
}

export interface LaunchMany<C extends Constants, Name extends string> extends Common<C> {
  /** By WGSL name. */
  readonly outputs: Readonly<Record<Name, Output>>;
  /** How many threads to start. */
  readonly threads: number;
}

/**
 * Runs `program` on the current backend, which must be WebGPU.
 * @returns the outputs by name: new tensors, or those given to be written in place
 */
export function runMany<C extends Constants, Name extends string>(
  program: Program<C>,
  launch: LaunchMany<C, Name>,
): Record<Name, tf.Tensor> {
  const { inputs, outputs, constants, threads, ints = {}, floats = {} } = launch;
  const backend = webGpuBackend();
  for (const output of Object.values<Output>(outputs)) if (output instanceof tf.Tensor) writtenInPlace(output);
  const made = Object.entries<Output>(outputs).map(([name, output]) => {
    const tensor =
      output instanceof tf.Tensor
        ? output
        : tf.engine().makeTensorFromTensorInfo(backend.makeTensorInfo([...output.shape], output.dtype ?? 'float32'));
    return [name, tensor] as const;
  });
  if (threads > 0) {
    const bound = ([name, tensor]: readonly [string, tf.Tensor]): Bound => ({ name, tensor });
    const typed = ([name, { dtype }]: readonly [string, tf.Tensor]) => [name, dtype];
    const given = Object.entries(inputs);
    const names = [Object.keys(ints), Object.keys(floats)];
    launchPart({
      key: JSON.stringify([program.name, constants, made.map(typed), given.map(typed), names]),
      name: program.name,
      declarations: () => program.declarations?.(constants) ?? '',
      body: () => program.body(constants),
      guarded: program.threads !== 'together',
      outputs: made.map(bound),
      inputs: given.map(bound),
      ints: Object.entries(ints),
      floats: Object.entries(floats),
      threads,
    });
  }
  return Object.fromEntries(made) as Record<Name, tf.Tensor>;
}

/**
 * Runs a program with the one output `result`.
 * @returns `launch.into`, or else a new tensor of `launch.shape`
 */
export function run<C extends Constants>(program: Program<C>, launch: Launch<C>): tf.Tensor {
  const { shape, into, dtype = 'float32', threads } = launch;
  const size = shape.reduce((product, length) => product * length, 1);
  if (size === 0) return tf.zeros(shape, dtype);
  return runMany(program, { ...launch, outputs: { result: into ?? { shape, dtype } }, threads: threads ?? size }).result;
}

/** A new vector [size] of floats that holds whatever its buffer held. */
export function webGpuVector(size: number): tf.Tensor {
  return tf.engine().makeTensorFromTensorInfo(webGpuBackend().makeTensorInfo([size], 'float32'));
}
