// A public folder with a corpus of our own sentences, for commands that read files.
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { vi } from 'vitest';

/** Makes the folder, which the caller removes; `config` is a run that suits the corpus. */
export async function corpusFolder() {
  // The page of the tests asks which backend it stands for.
  vi.stubEnv('SWITCHYARD_BACKEND', 'wasm');
  const { config, corpusFiles } = await import('./enginePage');
  const folder = await mkdtemp(join(tmpdir(), 'corpus-'));
  for (const [path, bytes] of Object.entries(await corpusFiles())) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  return { folder, config };
}
