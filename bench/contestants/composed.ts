// Every operation by its definition: the model as composed tfjs operations, on whatever backend runs.
import type { Attributes, FastBackend, NamedTensors, Operation } from '../../src/kernels/operation';

type AnyOperation = Operation<NamedTensors, Attributes>;

const kernelFolders = import.meta.glob<Record<string, unknown>>(
  [
    '../../src/kernels/*/*.ts',
    '!../../src/kernels/*/*.wasm.ts',
    '!../../src/kernels/*/*.webgpu.ts',
    '!../../src/kernels/*/*.test.ts',
    '!../../src/kernels/conformance/*',
    '!../../src/kernels/wasm/*',
    '!../../src/kernels/webgpu/*',
  ],
  { eager: true },
);

const isOperation = (value: unknown): value is AnyOperation => typeof value === 'function' && 'operationName' in value;

/** Takes the fast paths of `backend` away from every operation. */
export function composeOn(backend: FastBackend): void {
  const operations = Object.values(kernelFolders).flatMap((folder) => Object.values(folder).filter(isOperation));
  if (operations.length === 0) throw new Error('found no operations to compose');
  for (const operation of operations) operation.setPath(backend, operation.definition);
}
