// Building the engine for Node.
import { join } from 'node:path';
import { root } from './run.mjs';

/** The tensor library's deep imports name no extension, which Node alone refuses: they go into the bundle. */
const bundledDeepImports = {
  name: 'bundled-deep-imports',
  enforce: 'pre',
  resolveId: (id) => (id.startsWith('@tensorflow/tfjs-core/dist/') ? join(root, 'node_modules', `${id}.js`) : null),
};

/**
 * Bundles `input` (names and paths of entry points) into `outDir`, one `name.js` each. `outDir` must lie under the repository: the tensor
 * library is found from there.
 * @param noExternal packages that go into the bundle too @param external packages that stay out of it, which need not be installed
 */
export async function bundleForNode(input, outDir, noExternal = [], external = []) {
  const { build } = await import('vite');
  await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    plugins: [bundledDeepImports],
    ssr: { noExternal },
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      target: 'node20',
      rollupOptions: { input, external, output: { entryFileNames: '[name].js' } },
    },
  });
}
