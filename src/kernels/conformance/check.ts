// One case on the current backend against its definition on plain cpu, forward and backward.
import * as tf from '@tensorflow/tfjs-core';
import { rngFor } from '../../core/rng';
import type { Attributes, NamedTensors, Operation, Path } from '../operation';
import { download, normals, uploadAll, type PlainInputs, type PlainTensor } from './arrays';

/** An operation whatever its inputs are. */
export type AnyOperation = Pick<Operation<NamedTensors, Attributes>, 'operationName' | 'definition' | 'pathOn'>;
export type AnyPath = Path<NamedTensors, Attributes>;

/** One row of the conformance table. */
export interface ConformanceCase {
  readonly operation: AnyOperation;
  /** Shapes and what is special about them. */
  readonly about: string;
  readonly inputs: PlainInputs;
  readonly attributes: Attributes;
  /** Outputs the loss may depend on, by index; the others get a zero gradient. */
  readonly gradientFrom: readonly number[];
  /** Largest |difference| of a tensor over its largest |value|. Whole numbers must be equal. */
  readonly tolerance: { readonly forward: number; readonly backward: number };
  /** What rounding may leave, absolutely, where a result cancels to nothing. */
  readonly noise?: number;
  /** Results that may be zero throughout: 'output 1', 'gradient q'. All others must not be. */
  readonly mayVanish?: readonly string[];
  /** Step of the finite differences, where the default would cross a jump; 0 where none is small enough (ties). */
  readonly step?: number;
}

/** A tensor library's exp on a GPU may be off by 3 + 2|x| units in the last place (WGSL, "Floating Point Accuracy"). */
const LENIENCY: Readonly<Record<string, number>> = { webgpu: 8 };

export interface Results {
  readonly outputs: PlainTensor[];
  readonly gradients: Readonly<Record<string, PlainTensor>>;
}

export const titleOf = ({ operation, about }: ConformanceCase): string => `${operation.operationName} ${about}`;

/** Seeded gradients for the outputs in `gradientFrom`, zeros for the others. */
export function outputGradients({ gradientFrom }: ConformanceCase, outputs: readonly PlainTensor[]): PlainTensor[] {
  const rng = rngFor(77, 'sample');
  return outputs.map(({ values, shape }, index) =>
    gradientFrom.includes(index) ? normals(rng, shape) : { values: values.map(() => 0), shape },
  );
}

/**
 * Runs a path on the current backend as the tape would.
 * @returns every tensor `forward` gave back (the definition's outputs first) and every gradient, read out; nothing stays on the backend.
 */
export async function runPath(testCase: ConformanceCase, path: AnyPath): Promise<Results> {
  const inputs = uploadAll(testCase.inputs);
  const outputs = tf.tidy(() => path.forward(inputs, testCase.attributes));
  const read = await Promise.all(outputs.map(download));
  const made: tf.Tensor[] = [...Object.values(inputs), ...outputs];
  const gradients: Record<string, PlainTensor> = {};
  if (path.backward && testCase.gradientFrom.length > 0) {
    const dOutputs = Object.values(uploadAll(Object.fromEntries(outputGradients(testCase, read).map((d, i) => [`${i}`, d]))));
    const given = tf.tidy(() => path.backward!(dOutputs, inputs, outputs, testCase.attributes)) as Record<
      string,
      tf.Tensor | undefined
    >;
    for (const [name, gradient] of Object.entries(given)) {
      if (!gradient) continue;
      gradients[name] = await download(gradient);
      made.push(gradient);
    }
    made.push(...dOutputs);
  }
  tf.dispose(made);
  return { outputs: read, gradients };
}

/** Runs the definition on plain cpu, whichever backend is current. */
export async function runDefinition(testCase: ConformanceCase): Promise<Results> {
  const backend = tf.getBackend();
  await tf.setBackend('cpu');
  try {
    return await runPath(testCase, testCase.operation.definition);
  } finally {
    await tf.setBackend(backend);
  }
}

function largest({ values }: PlainTensor): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}

/** What is wrong with `actual`, or undefined. */
function difference(
  name: string,
  actual: PlainTensor | undefined,
  wanted: PlainTensor,
  tolerance: number,
  noise = 0,
): string | undefined {
  if (!actual) return `${name} is missing`;
  if (actual.shape.join() !== wanted.shape.join()) return `${name} has shape [${actual.shape}], not [${wanted.shape}]`;
  if (wanted.values instanceof Int32Array !== actual.values instanceof Int32Array) return `${name} has the wrong type`;
  const allowed = wanted.values instanceof Int32Array ? 0 : Math.max(noise, tolerance * largest(wanted));
  for (let index = 0; index < wanted.values.length; index++) {
    const a = actual.values[index]!;
    const w = wanted.values[index]!;
    const same = Object.is(a, w) || a === w || Math.abs(a - w) <= (Number.isFinite(allowed) ? allowed : 0);
    if (!same) return `${name}[${index}] is ${a}, not ${w} (allowed ${allowed.toExponential(1)})`;
  }
  return undefined;
}

function vanished(testCase: ConformanceCase, name: string, tensor: PlainTensor | undefined): string | undefined {
  if (!tensor || tensor.values.length === 0 || testCase.mayVanish?.includes(name)) return undefined;
  return tensor.values.every((value) => value === 0) ? `${name} is zero throughout` : undefined;
}

/**
 * Holds a path against the definition: values, shapes, types, gradients, nothing zero that should not be, no tensor left behind.
 * @param path the path to run, by default the current backend's own
 * @returns what is wrong, in words; empty when the path conforms
 */
export async function checkOperation(testCase: ConformanceCase, path?: AnyPath): Promise<string[]> {
  const wanted = await runDefinition(testCase);
  const before = tf.memory().numTensors;
  const actual = await runPath(testCase, path ?? testCase.operation.pathOn(tf.getBackend()));
  const leaked = tf.memory().numTensors - before;
  const leniency = LENIENCY[tf.getBackend()] ?? 1;
  const complaints: (string | undefined)[] = [leaked === 0 ? undefined : `${leaked} tensors left behind`];
  wanted.outputs.forEach((output, index) => {
    const name = `output ${index}`;
    complaints.push(difference(name, actual.outputs[index], output, testCase.tolerance.forward * leniency));
    complaints.push(vanished(testCase, name, output), vanished(testCase, name, actual.outputs[index]));
  });
  for (const [input, gradient] of Object.entries(wanted.gradients)) {
    const name = `gradient ${input}`;
    complaints.push(difference(name, actual.gradients[input], gradient, testCase.tolerance.backward * leniency, testCase.noise));
    complaints.push(vanished(testCase, name, gradient), vanished(testCase, name, actual.gradients[input]));
  }
  return complaints.filter((complaint) => complaint !== undefined);
}
