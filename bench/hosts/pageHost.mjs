// Contestants in pages of headless Chromium, each in a context (and so a process) of its own, served from one origin.
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { build } from 'vite';
import { ensureChromium } from '../../scripts/lib/chromium.mjs';
import { QUIET_SWITCHES, SOFTWARE_WEBGPU_SWITCHES } from '../../scripts/lib/chromiumSwitches.mjs';
import { root, Trouble } from '../../scripts/lib/run.mjs';
import { serve } from '../../scripts/lib/server.mjs';

const outDir = join(root, '.cache/bench-page');
const ARGUMENTS = [
  ...QUIET_SWITCHES,
  ...SOFTWARE_WEBGPU_SWITCHES,
  // A peer's first step keeps the software adapter busy for longer than the watchdog waits.
  '--disable-gpu-watchdog',
];

/** gpt-tfjs assigns to a constant where it would log, and to a name nobody declared: neither passes in a module. */
const MENDS = [
  ['gpt-tfjs/src/model.js', 'const posEmb =', 'let posEmb ='],
  ['gpt-tfjs/src/optimizers.js', 'dtype=useNorm.dtype', 'useNorm.dtype'],
];
const mendedPeer = {
  name: 'mended-peer',
  transform(code, id) {
    const mend = MENDS.find(([file]) => id.endsWith(file));
    return mend ? code.replace(mend[1], mend[2]) : null;
  },
};

export async function bundlePage() {
  await build({
    root: join(root, 'bench/hosts'),
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    plugins: [mendedPeer],
    // One tensor library for all: a peer brings a copy of its own, which would know none of the backends.
    resolve: {
      alias: [{ find: /^@tensorflow\/tfjs-core(?=$|\/)/, replacement: join(root, 'node_modules/@tensorflow/tfjs-core') }],
    },
    worker: { format: 'es', plugins: () => [mendedPeer] },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2022',
      assetsInlineLimit: 0,
      rollupOptions: { input: 'bench/hosts/page.html' },
    },
  });
  await cp(join(root, 'public/tfjs'), join(outDir, 'tfjs'), { recursive: true });
  return 'done';
}

/** @param asked from the bundle: what makes a contestant of requests @returns the host, the browser's name and version, and what ends both browser and server */
export async function openPageHost(asked) {
  const executablePath = await ensureChromium();
  if (!executablePath) throw new Trouble('The bench of the browser needs Chromium.');
  // The bench's pages need no policy: they are nobody's, and one peer compiles in ways a policy would forbid.
  const server = await serve(outDir, { host: 'localhost', port: 0, strict: true, headers: {} });
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  const host = async (spec) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`http://localhost:${server.address().port}/page.html`);
    await page.waitForFunction(() => 'bench' in window);
    const ask = (request) => page.evaluate((given) => window.bench(given), request);
    return { ...asked(ask, spec), close: () => void context.close().catch(() => {}) };
  };
  const close = async () => {
    await browser.close();
    server.close();
  };
  return { host, runtime: `Chromium ${browser.version()}`, close };
}
