// Four test projects: plain rooms once in Node, the engine's rooms once per backend (cpu and wasm in Node, webgpu in Chromium).
import { playwright } from '@vitest/browser-playwright';
import { configDefaults, defineConfig } from 'vitest/config';
import { chromiumPath } from './scripts/lib/chromium.mjs';
import { QUIET_SWITCHES, SOFTWARE_WEBGPU_SWITCHES } from './scripts/lib/chromiumSwitches.mjs';

const engineTests = ['src/{kernels,model,training,inference,evaluation,worker}/**/*.test.ts'];
const gradients = '@tensorflow/tfjs-core/dist/register_all_gradients';
const tensorLibrary = [
  '@tensorflow/tfjs-core',
  gradients,
  '@tensorflow/tfjs-backend-cpu',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-backend-webgpu',
];

const chromiumArguments = [...QUIET_SWITCHES, ...SOFTWARE_WEBGPU_SWITCHES];

const onNode = (backend: 'cpu' | 'wasm') => ({
  test: {
    name: backend,
    include: engineTests,
    env: { SWITCHYARD_BACKEND: backend },
    // The gradients are 200 small modules: bundled once, not transformed anew for each file.
    deps: { optimizer: { ssr: { enabled: true, include: [gradients] } } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'node',
          include: ['src/**/*.test.{ts,tsx}', 'scripts/**/*.test.mjs', 'bench/*.test.ts'],
          exclude: [...configDefaults.exclude, ...engineTests],
          testTimeout: 30_000,
        },
      },
      onNode('cpu'),
      onNode('wasm'),
      {
        // Bundled before the tests: one found on the way would reload the page under them.
        optimizeDeps: { include: [...tensorLibrary, '@zip.js/zip.js/lib/zip-core-native.js'] },
        test: {
          name: 'webgpu',
          include: engineTests,
          env: { SWITCHYARD_BACKEND: 'webgpu' },
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // One page after another: the software adapter already uses every core.
          fileParallelism: false,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { executablePath: chromiumPath(), args: chromiumArguments } }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
