// The kernels of our own module on the tensor library's heap: addresses in, results in place.
import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { KERNELS_BASE64, type Kernels } from './generated/kernels';

/** What a wasm path works with. */
export interface Heap {
  readonly kernels: Kernels;
  /** Address of a tensor's first value. It stays while the tensor lives, even if the heap grows. */
  at(tensor: tf.Tensor): number;
  /** A new tensor with whatever values its memory held. */
  output(shape: readonly number[], dtype?: 'float32' | 'int32'): tf.Tensor;
  /** Address of at least `bytes` bytes of working memory, valid until the next call; what it holds is undefined. */
  work(bytes: number): number;
}

/** The parts of the backend that its types leave out. */
interface WasmModule {
  readonly asm: { readonly memory: WebAssembly.Memory };
  _malloc(bytes: number): number;
  _free(address: number): void;
}

const opened = new WeakMap<BackendWasm, Promise<Heap>>();

/** The kernels on the heap of the current backend, which must be wasm; loaded once a backend. Throws where WASM SIMD is missing. */
export function openHeap(): Promise<Heap> {
  const backend = tf.backend() as BackendWasm;
  const heap = opened.get(backend) ?? loadOnto(backend);
  opened.set(backend, heap);
  return heap;
}

async function loadOnto(backend: BackendWasm): Promise<Heap> {
  const module = backend.wasm as unknown as WasmModule;
  const bytes = Uint8Array.from(atob(KERNELS_BASE64), (character) => character.charCodeAt(0));
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory: module.asm.memory } });
  const addressOf = ({ dataId }: tf.Tensor): number => backend.dataIdMap.get(dataId).memoryOffset;
  let workAddress = 0;
  let workBytes = 0;
  return {
    kernels: instance.exports as unknown as Kernels,
    at: addressOf,
    output: (shape, dtype = 'float32') => {
      const info = backend.makeOutput([...shape], dtype);
      const tensor = tf.engine().makeTensorFromTensorInfo(info, backend);
      // The backend takes an allocation that failed for the address 0.
      if (tensor.size > 0 && addressOf(tensor) === 0) throw new RangeError(`the heap has no room for [${shape.join(', ')}]`);
      return tensor;
    },
    work: (wanted) => {
      if (wanted > workBytes) {
        if (workBytes > 0) module._free(workAddress);
        workBytes = 0;
        workAddress = module._malloc(wanted) >>> 0;
        if (workAddress === 0) throw new RangeError(`the heap has no ${wanted} bytes of working memory`);
        workBytes = wanted;
      }
      return workAddress;
    },
  };
}
