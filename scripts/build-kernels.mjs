// Compiles the WASM kernels (AssemblyScript) into one TypeScript module: their bytes as text, so that a worker and Node load them alike, and their types.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const sources = 'src/kernels/wasm/assembly';
const target = join(root, 'src/kernels/wasm/generated/kernels.ts');
const flags = ['-O3', '--runtime', 'stub', '--importMemory', '--noExportMemory', '--noAssert', '--enable', 'simd'];
const DATA_SECTION = 11;

/** What the result depends on: the sources, the compiler and this script. */
function fingerprint() {
  const hash = createHash('sha256');
  const files = readdirSync(join(root, sources)).filter((name) => name.endsWith('.ts'));
  const compiler = join(root, 'node_modules/assemblyscript/package.json');
  for (const file of [...files.sort().map((name) => join(root, sources, name)), compiler, fileURLToPath(import.meta.url)])
    hash.update(readFileSync(file));
  return hash.digest('hex');
}

/** The ids of a module's sections; section lengths are LEB128. */
function sectionIds(wasm) {
  const ids = [];
  let at = 8;
  while (at < wasm.length) {
    ids.push(wasm[at++]);
    let length = 0;
    let shift = 0;
    let byte;
    do {
      byte = wasm[at++];
      length |= (byte & 127) << shift;
      shift += 7;
    } while (byte & 128);
    at += length;
  }
  return ids;
}

async function compile() {
  const { main } = await import('assemblyscript/asc');
  const written = new Map();
  const { error, stderr } = await main([`${sources}/index.ts`, '-o', 'kernels.wasm', '--bindings', 'raw', ...flags], {
    readFile: (name, base) => (existsSync(join(base, name)) ? readFileSync(join(base, name), 'utf8') : null),
    writeFile: (name, contents) => void written.set(name, contents),
    listFiles: (name, base) => readdirSync(join(base, name)),
  });
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  return { wasm: written.get('kernels.wasm'), types: String(written.get('kernels.d.ts')) };
}

process.chdir(root);
const stamp = `// ${fingerprint()}`;
if (!existsSync(target) || !readFileSync(target, 'utf8').startsWith(stamp)) {
  const { wasm, types } = await compile();
  // Static data would be written over the tensor library's own: the module lives on a heap that is not its own.
  if (sectionIds(wasm).includes(DATA_SECTION)) throw new Error('the kernels hold static data');
  const functions = [...types.matchAll(/export function (\w+\(.*\): \w+;)/g)].map(([, signature]) => `  ${signature}`);
  mkdirSync(dirname(target), { recursive: true });
  const base64 = Buffer.from(wasm).toString('base64');
  writeFileSync(
    target,
    [
      stamp,
      '// Made by scripts/build-kernels.mjs.',
      'export interface Kernels {',
      ...functions,
      '}',
      `export const KERNELS_BASE64 = '${base64}';`,
      '',
    ].join('\n'),
  );
  console.log(`kernels: ${functions.length} functions, ${(wasm.length / 1024).toFixed(1)} KiB`);
}
