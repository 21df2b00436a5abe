// Starts tfjs' WebGPU backend on a device of our own: with the adapter's limits and features, and with its failures heard.
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { factsOf } from './adapters';
import { isHardware } from '../backendChoice';
import { registerWebGpuPaths } from './register';

export interface DeviceListener {
  /** The device is gone, and every tensor with it. */
  onDeviceLost(reason: string): void;
  /** Work was refused: what it should have computed is missing. */
  onDeviceError(message: string, isOutOfMemory: boolean): void;
}

const FEATURES: readonly GPUFeatureName[] = ['subgroups', 'timestamp-query', 'shader-f16'];
const LIMITS = [
  'maxStorageBuffersPerShaderStage',
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupsPerDimension',
] as const satisfies readonly (keyof GPUSupportedLimits)[];

let running: GPUDevice | undefined;

/** Makes WebGPU on `adapter` the current backend and gives every operation its path there. Rejects if the device is refused. */
export async function startWebGpu(adapter: GPUAdapter, listener: DeviceListener): Promise<void> {
  const device = await adapter.requestDevice({
    requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
  });
  // A device that was left on purpose is no loss.
  void device.lost.then(({ reason, message }) => {
    if (running === device) listener.onDeviceLost(message || reason);
  });
  device.onuncapturederror = ({ error }) => {
    if (running === device) listener.onDeviceError(error.message, error instanceof GPUOutOfMemoryError);
  };
  const backend = new WebGPUBackend(device, adapter.info);
  stopWebGpu();
  running = device;
  tf.registerBackend('webgpu', () => backend, 3);
  registerWebGpuPaths({ hardware: isHardware(factsOf(adapter)) });
  if (!(await tf.setBackend('webgpu'))) throw new Error('tfjs did not accept the WebGPU backend');
}

/** Loses the running device, as a driver would: its listener hears of it. */
export function loseWebGpu(): void {
  running?.destroy();
}

/** Removes the backend and frees its device, with all tensors on it. Does nothing where none runs. */
export function stopWebGpu(): void {
  // Importing the package registers a backend of its own, on a device we would not hear from.
  if (tf.findBackendFactory('webgpu')) tf.removeBackend('webgpu');
  running?.destroy();
  running = undefined;
}
