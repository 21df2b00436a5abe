// The heavy packages: fetched once, checked against a pinned hash, reduced to the files that are used, kept in the cache.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CACHE } from './paths';
import { readTarball } from './tarball';

export interface Download {
  readonly name: string;
  readonly version: string;
  /** Subresource integrity of the registry's tarball. */
  readonly integrity: string;
  readonly megabytes: number;
  keep(path: string): boolean;
}

export const DOWNLOADS: readonly Download[] = [
  {
    name: 'chinese-poetry',
    version: '2.0.1',
    integrity: 'sha512-KtYARvV7CWNtax0na9+Jn6PlhGgSoid7PWyDzXI4KsCEm2odZcqEQyval5koaLygZnM/EQ3lfJ//25K8p3uHNg==',
    megabytes: 85,
    keep: (file) =>
      /^package\/(LICENSE|dist\/(songci\/(ci\.song\.\d+|author\.song)|yuanqu\/yuanqu|quantangshi\/(poet\.tang\.\d+|authors\.tang)|(shijing|chuci|caocaoshiji|lunyu|youmengying|sishuwujing|mengxue|nalanxingde|wudaishici)\/.+)\.json)$/.test(
        file,
      ),
  },
  {
    name: 'how-to-cook',
    version: '1.6.0',
    integrity: 'sha512-8FfwIdr5m3FTaD/y6aql4dBaG1BTBsmbMVDPgkyH+ylaW62IOcjBuFExGl2chKommrrvlfNpRLBiuE9+31M6uQ==',
    megabytes: 101,
    keep: (file) => /^package\/(LICENSE|(dishes|tips)\/.+\.md)$/.test(file),
  },
];

/** No registry answered for this long: give up and go on with the small corpus. */
const PATIENCE_MS = 8 * 60_000;
const COMPLETE = '.complete';

/** Folder with the unpacked files of a download, or null if it was never fetched. */
export function downloadFolder(name: string): string | null {
  const download = DOWNLOADS.find((candidate) => candidate.name === name);
  const folder = download && folderOf(download);
  return folder && existsSync(path.join(folder, COMPLETE)) ? folder : null;
}

const folderOf = ({ name, version }: Download) => path.join(CACHE, `${name}-${version}`);

/** Fetches what is missing. Throws, with the reason, if a package cannot be had or is not the pinned one. */
export async function fetchDownloads(say: (line: string) => void): Promise<void> {
  for (const download of DOWNLOADS) {
    if (downloadFolder(download.name)) continue;
    const folder = folderOf(download);
    const staging = path.join(CACHE, `fetching-${download.name}`);
    rmSync(staging, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(staging, { recursive: true });
    try {
      await npmPack(download, staging, say);
      const tarball = path.join(staging, `${download.name}-${download.version}.tgz`);
      const found = `sha512-${await sha512(tarball)}`;
      if (found !== download.integrity)
        throw new Error(`${download.name}@${download.version} has the hash ${found}, not the pinned one`);
      let files = 0;
      await readTarball(tarball, download.keep, (name, content) => {
        const target = path.join(folder, path.normalize(name.replace(/^package\//, '')));
        if (!target.startsWith(folder + path.sep)) throw new Error(`${name} would be written outside its folder`);
        mkdirSync(path.dirname(target), { recursive: true });
        writeFileSync(target, content);
        files++;
      });
      writeFileSync(path.join(folder, COMPLETE), '');
      say(`${download.name}@${download.version}: hash checked, ${files} files kept`);
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
  }
}

/** npm itself fetches: it knows the registry, the proxy and the credentials of this machine. */
function npmPack(download: Download, folder: string, say: (line: string) => void): Promise<void> {
  const cache = path.join(folder, 'npm-cache');
  const script = process.env['npm_execpath'];
  const [command, first] = script ? [process.execPath, [script]] : ['npm', []];
  const args = [
    ...first,
    'pack',
    `${download.name}@${download.version}`,
    '--ignore-scripts',
    '--pack-destination',
    folder,
    '--cache',
    cache,
  ];
  const child = spawn(command, [...args, '--fetch-retries', '1', '--fetch-timeout', '60000', '--loglevel', 'error'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    shell: !script && process.platform === 'win32',
  });
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
  const started = performance.now();
  const timer = setInterval(() => {
    if (performance.now() - started > PATIENCE_MS) child.kill();
    const megabytes = Math.min(download.megabytes, Math.round(folderBytes(folder) / 1e6));
    say(`fetching ${download.name}: ${megabytes} of ${download.megabytes} MB`);
  }, 1000);
  return new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`npm could not fetch ${download.name}: ${complaint.trim().split('\n')[0] ?? `code ${code}`}`)),
    );
  }).finally(() => clearInterval(timer));
}

function folderBytes(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    // npm moves its temporary files while they are counted.
    if (entry.isFile()) bytes += statSync(path.join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

async function sha512(file: string): Promise<string> {
  const hash = createHash('sha512');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('base64');
}
