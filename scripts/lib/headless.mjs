// The engine built for Node, and its commands.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleForNode } from './bundle.mjs';
import { unlessDone } from './inputs.mjs';
import { cacheFolder, root } from './run.mjs';

/** Builds src/headless into `outDir`; see `bundleForNode`. */
export const buildHeadless = (outDir) =>
  bundleForNode({ cli: 'src/headless/cli.ts', shardThread: 'src/headless/shardThread.ts' }, outDir);

const outDir = join(cacheFolder, 'headless');
const built = { inputs: ['src', 'package-lock.json'], output: '.cache/headless/cli.js', ignore: /\.test\.tsx? / };

/** Runs `command` with the arguments of this process and ends it with the command's exit code. */
export async function runCommand(command) {
  await unlessDone('headless', built, () => buildHeadless(outDir));
  const { main } = await import(pathToFileURL(join(outDir, 'cli.js')));
  const places = { publicFolder: join(root, 'public'), shardThread: pathToFileURL(join(outDir, 'shardThread.js')) };
  process.exit(await main(command, process.argv.slice(2), places));
}
