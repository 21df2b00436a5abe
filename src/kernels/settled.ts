// Whether what was asked of the device is done: WebGPU takes work and goes on with it on its own time.
import * as tf from '@tensorflow/tfjs-core';
import { webGpuBackend } from './webgpu/device';

/** Whether operations of the current backend return before they are computed. */
export const isDeferred = (): boolean => tf.getBackend() === 'webgpu';

/** Resolves when all work handed to the current backend is done. */
export async function settled(): Promise<void> {
  if (!isDeferred()) return;
  const backend = webGpuBackend();
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
  await backend.device.queue.onSubmittedWorkDone();
}
