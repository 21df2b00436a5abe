// tfjs' own backends, and what its contestants share.
import * as tf from '@tensorflow/tfjs-core';
import type { ContestantSpec } from './contestant';

/** Starts tfjs' backend as the package brings it. */
export async function startTfjs(backend: ContestantSpec['backend'], wasmPath: string | undefined): Promise<void> {
  // Once the library is there: a gradient that registers itself asks for its flags.
  await import('@tensorflow/tfjs-core/dist/register_all_gradients');
  const name = backend.startsWith('webgpu') ? 'webgpu' : backend;
  switch (name) {
    case 'wasm': {
      const { setThreadsCount, setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
      tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
      setThreadsCount(1);
      if (wasmPath !== undefined) setWasmPaths(wasmPath);
      break;
    }
    case 'webgl':
      await import('@tensorflow/tfjs-backend-webgl');
      break;
    default:
      await import('@tensorflow/tfjs-backend-webgpu');
  }
  if (!(await tf.setBackend(name))) throw new Error(`tfjs did not start ${name}`);
  await tf.ready();
}

/** @returns [N, words] */
export const oneHot = (ids: Int32Array, words: number): tf.Tensor => {
  const values = new Float32Array(ids.length * words);
  for (const [row, id] of ids.entries()) values[row * words + id] = 1;
  return tf.tensor(values, [ids.length, words]);
};
