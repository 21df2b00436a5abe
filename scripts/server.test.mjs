import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CONTENT_SECURITY_POLICY, serve } from './lib/server.mjs';

let folder;
let server;

/** A raw request: fetch would tidy the path first. */
function get(path, { method = 'GET', headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const { port } = server.address();
    request({ host: 'localhost', port, path, method, headers }, (response) => {
      let body = '';
      response.on('data', (data) => (body += data));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
    })
      .on('error', reject)
      .end();
  });
}

beforeAll(async () => {
  const parent = await mkdtemp(join(tmpdir(), 'serve-'));
  folder = join(parent, 'dist');
  await mkdir(join(folder, 'assets'), { recursive: true });
  await writeFile(join(parent, 'secret.txt'), 'secret');
  await writeFile(join(parent, 'dist-secret.txt'), 'secret');
  await writeFile(join(folder, 'index.html'), '<!doctype html>');
  await writeFile(join(folder, 'assets/a-1b2c.js'), 'export {};');
  await writeFile(join(folder, 'kernel.wasm'), 'x');
  server = await serve(folder, { host: 'localhost', port: 0 });
});
afterAll(async () => {
  server.close();
  await rm(join(folder, '..'), { recursive: true, force: true });
});

test('every answer carries the policy, also the one that finds nothing', async () => {
  for (const path of ['/', '/assets/a-1b2c.js', '/nothing']) {
    expect((await get(path)).headers['content-security-policy']).toBe(CONTENT_SECURITY_POLICY);
  }
});

test('files have their type; hashed ones are kept for ever, others are asked about', async () => {
  const page = await get('/?x=1');
  expect(page).toMatchObject({
    status: 200,
    body: '<!doctype html>',
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' },
  });
  expect((await get('/kernel.wasm')).headers['content-type']).toBe('application/wasm');
  expect((await get('/assets/a-1b2c.js')).headers['cache-control']).toContain('immutable');
  expect((await get('/', { headers: { 'if-none-match': page.headers.etag } })).status).toBe(304);
});

test('no path leads out of the folder', async () => {
  const ways = [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/../../secret.txt',
    '/../dist-secret.txt',
    '/%',
    '/%00',
    '//',
  ];
  for (const path of ways) {
    const answer = await get(path);
    expect(answer.body).not.toContain('secret');
  }
});

test('only reading is allowed', async () => {
  expect((await get('/', { method: 'POST' })).status).toBe(405);
  expect((await get('/', { method: 'HEAD' })).body).toBe('');
});

test('a taken port gives way to the next, unless exactly that one was asked for', async () => {
  const { port } = server.address();
  const next = await serve(folder, { host: 'localhost', port });
  expect(next.address().port).toBeGreaterThan(port);
  next.close();
  await expect(serve(folder, { host: 'localhost', port, strict: true })).rejects.toThrow('EADDRINUSE');
});
