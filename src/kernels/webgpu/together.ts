// Fewer dispatches: programs of one pass through an operation that do not wait for each other's results go out side by side as one.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { record, webGpuBackend } from './device';
import { bindingsOf, keyOf, textOf, uniformsOf, workgroupsOf, type Part } from './text';

type Group = Part[];

let waiting: Group[] | null = null;

const touches = (tensors: readonly { readonly tensor: TensorInfo }[], others: readonly { readonly tensor: TensorInfo }[]) =>
  tensors.some(({ tensor }) => others.some((other) => other.tensor.dataId === tensor.dataId));

/** Whether `later` has to wait for `earlier`: one writes what the other touches. */
const conflicts = (later: Part, earlier: Part) =>
  touches(earlier.outputs, [...later.inputs, ...later.outputs]) || touches(earlier.inputs, later.outputs);

function dispatch(parts: Group): void {
  const { outputs, inputs } = bindingsOf(parts);
  const bound = [...outputs, ...inputs];
  record(
    {
      key: keyOf(parts, bound),
      label: parts.map(({ name }) => name).join(' + '),
      wgsl: () => textOf(parts, bound, outputs.length),
      outputs: outputs.length,
      inputs: inputs.length,
    },
    { outputs, inputs, uniforms: uniformsOf(parts), workgroups: parts.reduce((sum, part) => sum + workgroupsOf(part), 0) },
  );
}

/** Runs a program, at once or, inside `together`, with the first others that it need not wait for and that leave it room. */
export function launch(part: Part): void {
  if (!waiting) {
    dispatch([part]);
    return;
  }
  const most = webGpuBackend().device.limits.maxStorageBuffersPerShaderStage;
  const fits = (group: Group): boolean => {
    const { outputs, inputs } = bindingsOf([...group, part]);
    return outputs.length + inputs.length <= most;
  };
  const earliest = waiting.findLastIndex((group) => group.some((other) => conflicts(part, other))) + 1;
  const group = waiting.slice(earliest).find(fits);
  if (group) group.push(part);
  else waiting.push([part]);
}

/**
 * Runs `f`, in which only programs of ours may read what programs of ours wrote: they have not run before `f` has returned.
 * Which programs share a dispatch depends on their tensors alone, so a pass is the same every time.
 */
export function together<Result>(f: () => Result): Result {
  if (waiting) return f();
  waiting = [];
  try {
    const result = f();
    for (const group of waiting) dispatch(group);
    return result;
  } finally {
    waiting = null;
  }
}
