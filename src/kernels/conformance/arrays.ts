// Plain numbers for the conformance checks: seeded inputs going into a backend, and results coming out of it.
import * as tf from '@tensorflow/tfjs-core';
import type { Rng } from '../../core/rng';

export interface PlainTensor {
  readonly values: Float32Array | Int32Array;
  readonly shape: readonly number[];
}
export type PlainInputs = Readonly<Record<string, PlainTensor>>;

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** Standard normal values times `spread`, plus `centre`. */
export function normals(rng: Rng, shape: readonly number[], spread = 1, centre = 0): PlainTensor {
  return { values: Float32Array.from({ length: sizeOf(shape) }, () => centre + spread * rng.normal()), shape };
}

/** Whole numbers in [0, below). */
export function wholes(rng: Rng, shape: readonly number[], below: number): PlainTensor {
  return { values: Int32Array.from({ length: sizeOf(shape) }, () => rng.below(below)), shape };
}

export function floats(values: readonly number[], shape: readonly number[]): PlainTensor {
  return { values: Float32Array.from(values), shape };
}

export function ints(values: readonly number[], shape: readonly number[]): PlainTensor {
  return { values: Int32Array.from(values), shape };
}

/** K different experts for each of N tokens, drawn from `pool`. @returns [N, K] int32 */
export function distinctChoices(rng: Rng, N: number, K: number, pool: readonly number[]): PlainTensor {
  const chosen: number[] = [];
  for (let n = 0; n < N; n++) {
    const left = [...pool];
    for (let k = 0; k < K; k++) chosen.push(left.splice(rng.below(left.length), 1)[0]!);
  }
  return ints(chosen, [N, K]);
}

/** The assignments of `chosen` [N, K] in the order of their expert, sorted by the host. */
export function sortedAssignments(
  chosen: PlainTensor,
  experts: number,
): { offsets: PlainTensor; order: PlainTensor; position: PlainTensor } {
  const count = chosen.values.length;
  const order = Array.from({ length: count }, (_, index) => index).sort((a, b) => chosen.values[a]! - chosen.values[b]! || a - b);
  const position = new Array<number>(count).fill(0);
  order.forEach((assignment, row) => (position[assignment] = row));
  const offsets = Array.from(
    { length: experts + 1 },
    (_, e) => order.filter((assignment) => chosen.values[assignment]! < e).length,
  );
  return { offsets: ints(offsets, [experts + 1]), order: ints(order, [count]), position: ints(position, [count]) };
}

/** A tensor on the current backend; the caller owns it. */
export function upload({ values, shape }: PlainTensor): tf.Tensor {
  return tf.tensor(values.slice(), [...shape], values instanceof Int32Array ? 'int32' : 'float32');
}

export function uploadAll(inputs: PlainInputs): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, upload(input)]));
}

/** A tensor's values and shape, copied out; whole-number tensors stay whole. */
export async function download(tensor: tf.Tensor): Promise<PlainTensor> {
  const values = await tensor.data();
  return { values: tensor.dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values), shape: [...tensor.shape] };
}
