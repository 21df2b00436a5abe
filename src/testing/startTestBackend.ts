// Starts the backend this test project stands for; whatever the device complains about fails the test that caused it.
import { startBackend } from '../kernels/backends';
import { testBackend } from './backend';

const CHOICE = { cpu: 'cpu', wasm: 'wasm', webgpu: 'webgpu-software' } as const;

/** For `beforeAll`. Throws when the backend does not start. */
export async function startTestBackend(): Promise<void> {
  const complain = (detail: string): void => {
    // Outside any promise of the test: reported as an unhandled error, which fails the run.
    queueMicrotask(() => {
      throw new Error(detail);
    });
  };
  const started = await startBackend(CHOICE[testBackend()], {
    wasmPath: undefined,
    onDeviceLost: complain,
    onDeviceError: complain,
  });
  if (!started.ok) throw new Error(JSON.stringify(started.error));
}
