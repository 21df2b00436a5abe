// Trains without a page and prints what happened: `npm run measure -- '{"preset":"default","steps":400}'` (see src/headless/measure.ts).
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const outDir = `${root}.cache/headless`;
/** The tensor library's deep imports name no extension, which Node alone refuses: they go into the bundle. */
const bundledDeepImports = {
  name: 'bundled-deep-imports',
  enforce: 'pre',
  resolveId: (id) => (id.startsWith('@tensorflow/tfjs-core/dist/') ? `${root}node_modules/${id}.js` : null),
};

await build({
  root,
  configFile: false,
  publicDir: false,
  logLevel: 'error',
  plugins: [bundledDeepImports],
  build: { ssr: 'src/headless/measure.ts', outDir, emptyOutDir: true, target: 'node20' },
});
const { measure } = await import(pathToFileURL(`${outDir}/measure.js`));
await measure(JSON.parse(process.argv[2] ?? '{}'), `${root}public`);
