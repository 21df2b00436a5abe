// Reads the reference models of src/model/fixtures: from disk in Node, from the test server in the browser.

const inBrowser = typeof window !== 'undefined';

/** A built program lies elsewhere than its sources: the variable then names their folder. */
const folder = (): string => {
  const here = import.meta.url;
  const named = inBrowser ? undefined : process.env['SWITCHYARD_FIXTURES'];
  return named ?? new URL('../model/fixtures/', here).href;
};

/** Bytes of src/model/fixtures/`path`, e.g. 'tiny-a/model.safetensors'. Rejects when there is no such file. */
export async function readFixture(path: string): Promise<Uint8Array> {
  const url = new URL(path, folder());
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
