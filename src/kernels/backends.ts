// Starting a backend: the one that suits this machine or the one a person chose, else the next that works.
// Each backend's code loads only when it is tried.
import * as tf from '@tensorflow/tfjs-core';
// After the library itself: bundled for development, a gradient registers itself before the flags it asks for are there.
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { err, ok, type Result } from '../core/result';
import { chooseBackend, type BackendChoice, type BackendName, type BackendReason } from './backendChoice';
import { describeAdapter, factsOf, findAdapters, pickAdapter } from './webgpu/adapters';
import type { DeviceListener } from './webgpu/start';

export type { BackendChoice, BackendName } from './backendChoice';

export interface BackendFailure {
  readonly backend: BackendName;
  /** What the backend itself said. */
  readonly detail: string;
}

export interface BackendStart {
  readonly backend: BackendName;
  readonly reason: BackendReason;
  /** E.g. the adapter's own description; '' where there is none. */
  readonly device: string;
  readonly failures: readonly BackendFailure[];
  /** Backends that could be chosen here. */
  readonly available: readonly BackendName[];
}

export interface StartOptions extends Partial<DeviceListener> {
  /** Folder tfjs' .wasm files are served from, with its final slash; left out in Node, where they lie in the package. */
  readonly wasmPath?: string;
}

let stopPrevious: (() => void) | undefined;
let loseRunning: (() => void) | undefined;

async function startWasm(wasmPath: string | undefined): Promise<void> {
  const { setThreadsCount, setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  if (!('wasm' in tf.engine().registry)) {
    // Threads crash or hang in minified builds, and bring nothing at our sizes.
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    setThreadsCount(1);
    if (wasmPath !== undefined) setWasmPaths(wasmPath);
    // Started by hand: tfjs itself would only log why it failed.
    const backend = await tf.findBackendFactory('wasm')();
    tf.removeBackend('wasm');
    tf.registerBackend('wasm', () => backend, 2);
  }
  if (!(await tf.setBackend('wasm'))) throw new Error('tfjs did not accept the WASM backend');
  const { registerWasmPaths } = await import('./wasm/register');
  await registerWasmPaths();
}

async function startCpu(): Promise<void> {
  await import('@tensorflow/tfjs-backend-cpu');
  if (!(await tf.setBackend('cpu'))) throw new Error('tfjs did not accept the cpu backend');
}

async function startOn(adapter: GPUAdapter | undefined, options: StartOptions): Promise<string> {
  if (!adapter) throw new Error('no such adapter');
  const { loseWebGpu, startWebGpu, stopWebGpu } = await import('./webgpu/start');
  const ignore = () => undefined;
  await startWebGpu(adapter, { onDeviceLost: options.onDeviceLost ?? ignore, onDeviceError: options.onDeviceError ?? ignore });
  stopPrevious = stopWebGpu;
  loseRunning = loseWebGpu;
  return describeAdapter(adapter);
}

/** @returns the device in words */
async function start(backend: BackendName, adapters: readonly GPUAdapter[], options: StartOptions): Promise<string> {
  switch (backend) {
    case 'webgpu':
      return startOn(pickAdapter(adapters, true), options);
    case 'webgpu-software':
      return startOn(pickAdapter(adapters, false), options);
    case 'wasm':
      await startWasm(options.wasmPath);
      return '';
    case 'cpu':
      await startCpu();
      return '';
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  return String(error);
}

/**
 * Makes a backend current and ready, with its own paths for our operations. Works in a dedicated worker and in Node.
 * A WebGPU device started before is freed with all its tensors; so it also restarts after a loss.
 * @returns what runs, and what failed before it; or every failure, if nothing starts
 */
export async function startBackend(
  choice: BackendChoice,
  options: StartOptions,
): Promise<Result<BackendStart, readonly BackendFailure[]>> {
  stopPrevious?.();
  stopPrevious = undefined;
  loseRunning = undefined;
  const adapters = await findAdapters();
  const plan = chooseBackend(adapters.map(factsOf), choice);
  const failures: BackendFailure[] = [];
  for (const backend of plan.order) {
    try {
      const device = await start(backend, adapters, options);
      const reason = failures.length > 0 ? 'fallback' : plan.reason;
      return ok({ backend, reason, device, failures, available: plan.available });
    } catch (error) {
      failures.push({ backend, detail: wordsOf(error) });
    }
  }
  return err(failures);
}

/** Destroys the device of the running backend; its listener hears of it. False where the backend has none. */
export function loseDevice(): boolean {
  loseRunning?.();
  return loseRunning !== undefined;
}
