// Reads the reference models of src/model/fixtures: from disk in Node, from the test server in the browser.

const inBrowser = typeof window !== 'undefined';

/** Bytes of src/model/fixtures/`path`, e.g. 'tiny-a/model.safetensors'. Rejects when there is no such file. */
export async function readFixture(path: string): Promise<Uint8Array> {
  const here = import.meta.url;
  const url = new URL(`../model/fixtures/${path}`, here);
  if (!inBrowser) {
    const { readFile } = await import('node:fs/promises');
    return new Uint8Array(await readFile(url));
  }
  const response = await fetch(url);
  // The test server answers an unknown path with its page.
  if (!response.ok || response.headers.get('content-type')?.startsWith('text/html'))
    throw new Error(`fixture ${path}: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** The same, parsed as JSON; the caller states the shape it knows the fixture to have. */
export async function readJsonFixture<T>(path: string): Promise<T> {
  return JSON.parse(new TextDecoder().decode(await readFixture(path))) as T;
}
