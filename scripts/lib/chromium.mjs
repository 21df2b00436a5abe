// The browser of the tests: the one named by CHROMIUM_PATH, one that is installed, or Debian's, where it may be installed.
import { existsSync } from 'node:fs';
import { run } from './run.mjs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Path of the Chromium to start; undefined where none is known. One that is named may not be there. */
export const chromiumPath = () => process.env.CHROMIUM_PATH ?? PLACES.find((path) => existsSync(path));

function installed() {
  const path = chromiumPath();
  return path && existsSync(path) ? path : null;
}

/** Path of a Chromium, installed through apt-get if need be (as root only); null with the reason printed. */
export async function ensureChromium() {
  const there = installed();
  if (there) return there;
  if (process.env.CHROMIUM_PATH) {
    console.log(`  CHROMIUM_PATH names ${process.env.CHROMIUM_PATH}, which does not exist.`);
    return null;
  }
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log('  Installing Chromium from the distribution (once)…');
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', '-q'], { quiet: true, env });
    const { code, output } = await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], {
      quiet: true,
      env,
    });
    if (code === 0 && installed()) return installed();
    console.log(output.slice(-2000));
  }
  console.log(
    '  No Chromium found. Install one, or set CHROMIUM_PATH to its executable: the browser tests cannot run without it.',
  );
  return null;
}
