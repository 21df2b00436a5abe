// Which backend the engine's tests run on: every one of them runs once per project of vitest.config.ts.

export type TestBackend = 'cpu' | 'wasm' | 'webgpu';

const BACKENDS: readonly TestBackend[] = ['cpu', 'wasm', 'webgpu'];

/** The backend this test project stands for, in Node as in the browser. Throws outside the engine's projects. */
export function testBackend(): TestBackend {
  const given: unknown = import.meta.env.SWITCHYARD_BACKEND;
  const backend = BACKENDS.find((name) => name === given);
  if (!backend) throw new Error(`SWITCHYARD_BACKEND is ${JSON.stringify(given)}; run the projects cpu, wasm or webgpu`);
  return backend;
}
