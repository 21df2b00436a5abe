// The published layout of a dots1 checkpoint: one tensor per expert where the engine keeps a stack.
import { err, ok, type Result } from '../core/result';
import type { SafeTensors } from './safetensors';

/** The name expert `expert` has in a checkpoint, from the stack's name. */
function expertName(stackName: string, expert: number): string {
  return stackName.replace('.mlp.experts.', `.mlp.experts.${expert}.`);
}

/**
 * Values of one parameter as the engine holds it: experts are stacked along a first axis.
 * @param shape the parameter's shape; [E, …] for stacks of experts
 * @param prefix put before the checkpoint's name, e.g. 'grad.'
 */
export function parameterFrom(
  tensors: SafeTensors,
  name: string,
  shape: readonly number[],
  prefix = '',
): Result<Float32Array, string> {
  const isStack = name.includes('.mlp.experts.');
  const parts = isStack ? Array.from({ length: shape[0]! }, (_, expert) => expertName(name, expert)) : [name];
  const partShape = isStack ? shape.slice(1) : shape;
  const size = partShape.reduce((product, length) => product * length, 1);
  const values = new Float32Array(size * parts.length);
  for (const [index, part] of parts.entries()) {
    const tensor = tensors.get(prefix + part);
    if (!tensor) return err(`${prefix}${part} is missing`);
    if (tensor.shape.join() !== partShape.join())
      return err(`${prefix}${part} is [${tensor.shape.join(', ')}], expected [${partShape.join(', ')}]`);
    values.set(tensor.values, index * size);
  }
  return ok(values);
}

/** Name of the balance bias of layer `layer`. */
export function biasName(layer: number): string {
  return `model.layers.${layer}.mlp.gate.e_score_correction_bias`;
}
