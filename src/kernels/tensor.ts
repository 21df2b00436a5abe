// The tensor library, as the rest of the engine sees it. Only this room imports tfjs.
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';

export type { Tensor } from '@tensorflow/tfjs-core';
export { differentiate, differentiatePausing, type Ended, type Seed } from './recording';
type Tensor = tf.Tensor;

export const { tidy, keep, dispose, add, memory, zeros } = tf;

/** Where tensors that are made now lie: another object after a start of another device. */
export const currentBackend = (): object => tf.backend();

/** A float32 tensor of `values` in `shape`. The values are copied. */
export function floatTensor(values: Float32Array, shape: number[]): Tensor {
  return tf.tensor(values, shape, 'float32');
}

/** An int32 tensor of `values` in `shape`; exact to 2²⁴ on WebGPU. */
export function intTensor(values: Int32Array, shape: number[]): Tensor {
  return tf.tensor(values, shape, 'int32');
}

/** A float32 tensor of one value throughout, filled by the host: a GPU would take a dispatch for it. */
export function filled(shape: readonly number[], value: number): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return floatTensor(new Float32Array(size).fill(value), [...shape]);
}

/**
 * A tensor's values as they are when it is called, copied out. Asynchronous everywhere: WebGPU has no other way.
 * The caller may free the tensor meanwhile: WebGPU writes what it has read into it, and would find it gone.
 */
export async function read(tensor: Tensor): Promise<Float32Array> {
  if (hasHeap()) return new Float32Array(peek(tensor));
  const { dataId } = tensor;
  const backend = tf.backend();
  backend.incRef(dataId);
  try {
    return new Float32Array(await tensor.data());
  } finally {
    if (backend.disposeData(dataId)) tf.engine().removeDataId(dataId, backend);
  }
}

const hasHeap = (): boolean => 'typedArrayFromHeap' in tf.backend();

/**
 * A tensor's values without waiting: on wasm where they lie, until anything is allocated there; elsewhere a copy. Not on WebGPU.
 */
export function peek(tensor: Tensor): Float32Array {
  return hasHeap()
    ? ((tf.backend() as BackendWasm).typedArrayFromHeap(tensor) as Float32Array)
    : new Float32Array(tensor.dataSync());
}

/** Runs `make`. The tensors it creates are the caller's; if it throws, they are freed. */
export function allOrNothing<T>(make: () => T): T {
  const made: T[] = [];
  tf.tidy(() => {
    made.push(make());
    for (const tensor of tf.engine().state.activeScope.track) tf.keep(tensor);
  });
  return made[0]!;
}

/** Sum over all elements, a scalar tensor. */
export function sumOf(tensor: Tensor): Tensor {
  return tf.sum(tensor);
}

export function scaled(tensor: Tensor, factor: number | Tensor): Tensor {
  return tf.mul(tensor, factor);
}

/** Another tensor on the same memory, which lasts as long as either: for what is replaced, never written into. */
export function sharing(tensor: Tensor): Tensor {
  return tf.clone(tensor);
}

/** The values of `tensor` in memory of their own: what is written into it later does not show in them. */
export function copyOf(tensor: Tensor): Tensor {
  return tf.tidy(() => tf.mul(tensor, 1));
}

/** Rows `start` … `start + count − 1` of the first axis. */
export function rows(tensor: Tensor, start: number, count: number): Tensor {
  return tf.slice(tensor, [start, ...tensor.shape.slice(1).map(() => 0)], [count, ...tensor.shape.slice(1)]);
}
