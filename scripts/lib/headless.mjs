// The engine built for Node, and its commands.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { unlessDone } from './inputs.mjs';
import { cacheFolder, root } from './run.mjs';

/** The tensor library's deep imports name no extension, which Node alone refuses: they go into the bundle. */
const bundledDeepImports = {
  name: 'bundled-deep-imports',
  enforce: 'pre',
  resolveId: (id) => (id.startsWith('@tensorflow/tfjs-core/dist/') ? join(root, 'node_modules', `${id}.js`) : null),
};

/** Builds src/headless into `outDir`, which must lie under the repository: the tensor library is found from there. */
export async function buildHeadless(outDir) {
  const { build } = await import('vite');
  await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    plugins: [bundledDeepImports],
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      target: 'node20',
      rollupOptions: {
        input: { cli: join(root, 'src/headless/cli.ts'), shardThread: join(root, 'src/headless/shardThread.ts') },
      },
    },
  });
}

const outDir = join(cacheFolder, 'headless');
const built = { inputs: ['src', 'package-lock.json'], output: '.cache/headless/cli.js', ignore: /\.test\.tsx? / };

/** Runs `command` with the arguments of this process and ends it with the command's exit code. */
export async function runCommand(command) {
  await unlessDone('headless', built, () => buildHeadless(outDir));
  const { main } = await import(pathToFileURL(join(outDir, 'cli.js')));
  const places = { publicFolder: join(root, 'public'), shardThread: pathToFileURL(join(outDir, 'shardThread.js')) };
  process.exit(await main(command, process.argv.slice(2), places));
}
