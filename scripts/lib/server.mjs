// Serves dist/ as a real host should: strict policy, right types, hashed files for ever and everything else checked each time.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
  '.bin': 'application/octet-stream',
};

/** Nothing but this origin; WebAssembly may compile, workers may start, no markup may run or be styled inline. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data: blob:",
  "style-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "object-src 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types default',
].join('; ');

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** The file a request names, inside `folder`; null for none, or for a path that leads outside. */
async function findFile(folder, url) {
  let path;
  try {
    path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
  } catch {
    return null;
  }
  if (path.includes('\0')) return null;
  const file = normalize(join(folder, path.endsWith('/') ? `${path}index.html` : path));
  if (!file.startsWith(folder + sep)) return null;
  const found = await stat(file).catch(() => null);
  return found?.isFile()
    ? { file, size: found.size, tag: `"${found.size.toString(36)}-${Math.round(found.mtimeMs).toString(36)}"` }
    : null;
}

async function answer(folder, always, request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { ...always, allow: 'GET, HEAD' }).end();
    return;
  }
  const found = await findFile(folder, request.url);
  if (!found) {
    response.writeHead(404, { ...always, 'content-type': TYPES['.txt'] }).end('Not found\n');
    return;
  }
  const hashed = found.file.startsWith(join(folder, 'assets') + sep);
  const headers = {
    ...always,
    'content-type': TYPES[extname(found.file)] ?? 'application/octet-stream',
    'cache-control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: found.tag,
  };
  if (request.headers['if-none-match'] === found.tag) {
    response.writeHead(304, headers).end();
    return;
  }
  response.writeHead(200, { ...headers, 'content-length': found.size });
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(found.file), response);
}

/**
 * Serves `folder` on the first free port from `port` on (only on `port` itself when `strict`).
 * @param headers what every answer carries; left out: the policy and the like
 * @returns {Promise<import('node:http').Server>} listening
 */
export async function serve(folder, { host, port, strict = false, headers = HEADERS }) {
  const server = createServer((request, response) => {
    // A reader that went away breaks the stream; there is nobody left to tell.
    answer(folder, headers, request, response).catch(() => response.destroy());
  });
  for (let attempt = port; ; attempt++) {
    try {
      await new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(attempt, host, () => {
          server.off('error', reject);
          resolve();
        });
      });
      return server;
    } catch (error) {
      if (error.code !== 'EADDRINUSE' || strict || attempt >= port + 100) throw error;
    }
  }
}
