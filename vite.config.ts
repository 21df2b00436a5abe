// How the page is built. The built page keeps the strict policy of index.html; the development server needs inline code and drops it.
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Vite's development client injects inline scripts and style elements, which the policy forbids. */
const relaxedPolicyInDevelopment: Plugin = {
  name: 'relaxed-policy-in-development',
  apply: 'serve',
  transformIndexHtml: {
    order: 'pre',
    handler: (html) => html.replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, ''),
  },
};

export default defineConfig({
  plugins: [react(), relaxedPolicyInDevelopment],
  build: {
    target: 'es2022',
    // The policy allows no data: scripts or styles, and small files must stay files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  worker: { format: 'es' },
  optimizeDeps: {
    include: [
      '@tensorflow/tfjs-core',
      '@tensorflow/tfjs-core/dist/register_all_gradients',
      '@tensorflow/tfjs-backend-cpu',
      '@tensorflow/tfjs-backend-wasm',
      '@tensorflow/tfjs-backend-webgpu',
    ],
  },
});
