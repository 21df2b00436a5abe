// What the current backend can hold, asked before anything is allocated, and what it holds.
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';

export interface MemoryLimits {
  /** Bytes of all tensors together; Infinity where the backend does not tell. */
  readonly total: number;
  /** Bytes of one tensor. */
  readonly tensor: number;
}

const GiB = 2 ** 30;
/** A wasm heap ends at 4 GiB; a quarter is left to fragments and to what a step needs for a moment. */
const WASM: MemoryLimits = { total: 3 * GiB, tensor: 2 * GiB };
/** Beyond this a tab is in danger of being closed by the browser. */
const CPU: MemoryLimits = { total: 2 * GiB, tensor: 2 * GiB };

/** Limits of the backend that runs now. WebGPU names no total: the device itself refuses what is too much. */
export function memoryLimits(): MemoryLimits {
  switch (tf.getBackend()) {
    case 'webgpu': {
      const { maxBufferSize, maxStorageBufferBindingSize } = (tf.backend() as WebGPUBackend).device.limits;
      return { total: Infinity, tensor: Math.min(maxBufferSize, maxStorageBufferBindingSize) };
    }
    case 'wasm':
      return WASM;
    default:
      return CPU;
  }
}

/** What the current backend holds. */
export interface MemoryHeld {
  readonly tensors: number;
  /** Bytes of all tensors. */
  readonly tensorBytes: number;
  /** Bytes the backend has taken for them: the WASM heap, or buffers of the GPU, waiting ones included; null for plain arrays. */
  readonly takenBytes: number | null;
}

export function memoryHeld(): MemoryHeld {
  const { numTensors: tensors, numBytes: tensorBytes, ...others } = tf.memory();
  return { tensors, tensorBytes, takenBytes: takenBytes(others) };
}

function takenBytes(memory: object): number | null {
  // The types leave the module's heap out.
  if (tf.getBackend() === 'wasm')
    return ((tf.backend() as BackendWasm).wasm as unknown as { HEAPU8: Uint8Array }).HEAPU8.byteLength;
  return 'numBytesAllocatedInGPU' in memory ? Number(memory.numBytesAllocatedInGPU) : null;
}
