// An operation is a neutral pair, forward and backward, with one path a backend. tfjs knows it as a kernel with a gradient, so its tape can
// call it; training keeps a list of its own (recording.ts). Nothing in the pair knows either.
import * as tf from '@tensorflow/tfjs-core';
import { recording } from './recording';

type Tensor = tf.Tensor;
export type NamedTensors = Readonly<Record<string, Tensor>>;
export type Attributes = Readonly<Record<string, number | boolean>>;
/** A backend with paths of its own; every other one runs the definition. */
export type FastBackend = 'wasm' | 'webgpu';

/** One way to compute an operation. All tensors it makes besides those it returns are its own to free (it runs inside a tidy). */
export interface Path<Inputs extends NamedTensors, Attrs extends Attributes> {
  /** The operation's outputs, then any further tensors that only `backward` reads. */
  forward(inputs: Inputs, attributes: Attrs): Tensor[];
  /**
   * Gradients by input name; inputs without a gradient are left out. An operation without `backward` is a constant to the loss.
   * `dOutputs` holds the gradients of the operation's differentiable outputs, at their indices (zeros where the loss does not depend on one).
   */
  backward?(
    dOutputs: readonly Tensor[],
    inputs: Inputs,
    outputs: readonly Tensor[],
    attributes: Attrs,
  ): Partial<Record<keyof Inputs, Tensor>>;
}

export interface Operation<Inputs extends NamedTensors, Attrs extends Attributes> {
  (inputs: Inputs, attributes: Attrs): Tensor[];
  readonly operationName: string;
  readonly definition: Path<Inputs, Attrs>;
  /** The path that `backend` runs. */
  pathOn(backend: string): Path<Inputs, Attrs>;
  /** Gives `backend` a path of its own. Called once, when the backend starts. */
  setPath(backend: FastBackend, path: Path<Inputs, Attrs>): void;
}

/** More outputs than any operation has: tfjs wants to be told which outputs to keep for the backward pass. */
const EVERY_OUTPUT = Array.from({ length: 8 }, () => true);
const BACKENDS = ['cpu', 'wasm', 'webgpu'];

/**
 * Registers an operation with tfjs on every backend and returns it as a function.
 * @param inputNames the tensors that `forward` reads, in the order the tape keeps them
 * @param differentiable outputs, by index, whose gradient `backward` reads
 */
export function defineOperation<Inputs extends NamedTensors, Attrs extends Attributes>(
  operationName: string,
  inputNames: readonly (keyof Inputs & string)[],
  definition: Path<Inputs, Attrs>,
  differentiable: readonly number[] = [0],
): Operation<Inputs, Attrs> {
  const paths = new Map<string, Path<Inputs, Attrs>>();
  const pathOn = (backend: string) => paths.get(backend) ?? definition;

  for (const backendName of BACKENDS) {
    tf.registerKernel({
      kernelName: operationName,
      backendName,
      kernelFunc: ({ inputs, attrs }) =>
        tf.tidy(() => pathOn(backendName).forward(inputs as unknown as Inputs, attrs as unknown as Attrs)),
    });
  }
  tf.registerGradient({
    kernelName: operationName,
    inputsToSave: [...inputNames],
    outputsToSave: EVERY_OUTPUT,
    gradFunc: (dOutputs, saved, attrs) => {
      const inputs = Object.fromEntries(inputNames.map((name, index) => [name, saved[index]!])) as unknown as Inputs;
      const { backward } = pathOn(tf.getBackend());
      // All gradients at once: tfjs runs each closure below in a tidy of its own, so a shared result would be freed by the first.
      const gradients = tf.tidy(
        () =>
          backward?.(
            Array.isArray(dOutputs) ? dOutputs : [dOutputs],
            inputs,
            saved.slice(inputNames.length),
            attrs as unknown as Attrs,
          ) ?? {},
      ) as Record<string, Tensor>;
      return Object.fromEntries(
        inputNames.map((name) => [name, () => gradients[name] ?? tf.zeros((inputs[name] as Tensor).shape)]),
      );
    },
  });

  const run = (inputs: Inputs, attributes: Attrs): Tensor[] => {
    const list = recording();
    // tfjs need not know where neither its tape nor its profiler listens: its own way in costs a small model a few per cent of its step.
    const { gradientDepth, profiling } = tf.engine().state;
    if (list || (gradientDepth === 0 && !profiling)) {
      const path = pathOn(tf.getBackend());
      const outputs = tf.tidy(() => path.forward(inputs, attributes));
      if (list && path.backward) {
        const backward = (dOutputs: readonly Tensor[]) => path.backward!(dOutputs, inputs, outputs, attributes);
        list.push({ inputs, outputs, differentiable, backward });
      }
      return outputs;
    }
    const outputs: Tensor | Tensor[] = tf
      .engine()
      .runKernel(operationName, inputs as unknown as tf.NamedTensorMap, attributes as never);
    return Array.isArray(outputs) ? outputs : [outputs];
  };
  return Object.assign(run, {
    operationName,
    definition,
    pathOn,
    setPath: (backend: FastBackend, path: Path<Inputs, Attrs>) => void paths.set(backend, path),
  });
}
