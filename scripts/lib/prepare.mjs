// Everything that has to be there before the page can be served, each step skipped when it is. Only what Node brings is imported.
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { unlessDone } from './inputs.mjs';
import { root, run, runTool, step, Trouble } from './run.mjs';

const readJson = async (path) => JSON.parse(await readFile(join(root, path), 'utf8'));

/** node_modules holds what package-lock.json asks for (optional packages may be missing: they depend on the platform). */
async function dependenciesMatch() {
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return false;
  const wanted = (await readJson('package-lock.json')).packages;
  const installed = (await readJson('node_modules/.package-lock.json')).packages;
  return Object.entries(wanted).every(([path, { version, optional, devOptional }]) => {
    const there = installed[path];
    return path === '' || (there ? there.version === version : Boolean(optional || devOptional));
  });
}

async function installDependencies() {
  if (await dependenciesMatch()) return 'up to date';
  console.log('  Installing dependencies (once, about a minute)…');
  const { code } = await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  if (code !== 0)
    throw new Trouble('npm could not install the dependencies. Check the connection to the package registry and try again.');
  return 'installed';
}

/** tfjs loads its WebAssembly by URL, so the page has to serve it. */
async function copyTensorLibrary() {
  const from = join(root, 'node_modules/@tensorflow/tfjs-backend-wasm/dist');
  const to = join(root, 'public/tfjs');
  await mkdir(to, { recursive: true });
  let copied = 0;
  for (const name of (await readdir(from)).filter((file) => file.endsWith('.wasm'))) {
    const wanted = await stat(join(from, name));
    const there = await stat(join(to, name)).catch(() => null);
    if (there?.size === wanted.size && there.mtimeMs >= wanted.mtimeMs) continue;
    await copyFile(join(from, name), join(to, name));
    copied++;
  }
  return copied > 0 ? 'copied' : 'up to date';
}

async function npmScript(name, trouble) {
  const { code } = await run('npm', ['run', '--silent', name]);
  if (code !== 0) throw new Trouble(trouble);
}

const kernels = {
  inputs: ['src/kernels/wasm/assembly', 'scripts/build-kernels.mjs', 'package-lock.json'],
  output: 'src/kernels/wasm/generated/kernels.ts',
};
const corpus = {
  inputs: ['scripts/corpus', 'src/data', 'src/core', 'package-lock.json'],
  output: 'public/corpus/manifest.json',
  ignore: /\.test\.ts /,
};
const page = {
  inputs: ['src', 'public', 'index.html', 'vite.config.ts', 'package-lock.json', 'tsconfig.base.json'],
  output: 'dist/index.html',
  ignore: /\.test\.tsx? |^src\/(testing|model\/fixtures)\//,
};

const prepareText = () => npmScript('corpus', 'The text to learn from could not be prepared.');

/** The small variant was made where a download failed: each start tries again for the full one, which costs little when it fails. */
async function textStep() {
  const manifest = await readFile(join(root, corpus.output), 'utf8').catch(() => '');
  if (/"variant":\s*"small"/.test(manifest)) {
    await prepareText();
    return 'done';
  }
  return unlessDone('corpus', corpus, prepareText);
}

/** Dependencies, WebAssembly, kernels and text: what the page and the tests need besides the sources. */
export async function prepareInputs() {
  await step('dependencies', installDependencies);
  await step('tensor library', copyTensorLibrary);
  const kernelTrouble = 'The WebAssembly kernels could not be built.';
  await step('kernels', () => unlessDone('kernels', kernels, () => npmScript('build:kernels', kernelTrouble)));
  await step('text', textStep);
}

/** The page itself, in dist/. */
export async function buildPage() {
  await step('page', () =>
    unlessDone('page', page, async () => {
      const { code, output } = await runTool('vite/bin/vite.js', ['build', '--logLevel', 'warn'], { quiet: true });
      if (code !== 0) throw new Trouble(`${output}\nThe page could not be built.`);
    }),
  );
}
