// What lies on the disk: blobs that are whole or not there, a history that is cut where the state stands, a run folder that says what is wrong.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileStore } from './fileStore';
import { HistoryFile } from './historyFile';
import { RunFolder } from './runFolder';
import { Trouble } from './trouble';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'files-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('the store of files', () => {
  it('gives back what was written last, and nothing where nothing is', async () => {
    const store = createFileStore(join(folder, 'deep', 'run'));
    expect([await store.read('state.a'), await store.list()]).toEqual([null, []]);
    await store.write('state.a', bytes(1, 2, 3));
    await store.write('state.a', bytes(4));
    await store.write('state.b', bytes());
    expect([await store.read('state.a'), await store.read('state.b')]).toEqual([bytes(4), bytes()]);
    expect((await store.list()).sort((one, other) => one.localeCompare(other))).toEqual(['state.a', 'state.b']);
    await store.remove('state.a');
    await store.remove('state.a');
    expect([await store.read('state.a'), await store.list()]).toEqual([null, ['state.b']]);
  });

  it('a write that never ended touches neither the blob nor the list, and the next write takes its place', async () => {
    const store = createFileStore(folder);
    await store.write('state.a', bytes(1, 2));
    await writeFile(join(folder, 'state.a.unfinished'), bytes(9, 9, 9, 9));
    expect([await store.read('state.a'), await store.list()]).toEqual([bytes(1, 2), ['state.a']]);
    await store.write('state.a', bytes(3));
    expect([await store.read('state.a'), await readdir(folder)]).toEqual([bytes(3), ['state.a']]);
  });

  it('a write that fails says why, and leaves no half of it on the disk', async () => {
    await mkdir(join(folder, 'state.a'));
    await expect(createFileStore(folder).write('state.a', bytes(1))).rejects.toThrow('EISDIR');
    expect(await readdir(folder)).toEqual(['state.a']);
  });

  it('no name reaches out of the folder', async () => {
    const store = createFileStore(folder);
    for (const name of ['../x', 'a/b', '', '.hidden', 'A', 'x.unfinished'])
      await expect(store.write(name, bytes(1)), name).rejects.toThrow('is no name of a blob');
  });
});

describe('the history', () => {
  it('goes on exactly where the saved state stood', async () => {
    const path = join(folder, 'history.jsonl');
    const first = await HistoryFile.open(path, 0);
    await first.append({ step: 1, text: '火车' });
    const { position } = first;
    await first.append({ step: 2 });
    await first.sync();
    await first.close();
    const second = await HistoryFile.open(path, position);
    await second.append({ step: 2, again: true });
    await second.close();
    expect(await readFile(path, 'utf8')).toBe('{"step":1,"text":"火车"}\n{"step":2,"again":true}\n');
  });

  it('goes on at its end where a person has shortened it', async () => {
    const file = await HistoryFile.open(join(folder, 'history.jsonl'), 1000);
    expect(file.position).toBe(0);
    await file.close();
  });
});

describe('the folder of a run', () => {
  it('is empty, or says what is wrong with what it holds', async () => {
    const run = new RunFolder(folder);
    expect(await run.load()).toBeNull();
    await writeFile(join(folder, 'state.a.commit'), bytes(1));
    expect(await run.load()).toBeNull();
  });

  it('tells a file that is whole but no run state', async () => {
    const store = createFileStore(folder);
    const { commit } = await import('../checkpoint/slots');
    await commit(store, 'state', bytes(1, 2, 3), null);
    const thrown = await new RunFolder(folder).load().catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Trouble);
    expect(String(thrown)).toContain('cannot be read: container, truncated');
    await writeFile(join(folder, 'state.a'), bytes(1, 2));
    await expect(new RunFolder(folder).load()).rejects.toThrow('damaged: state.a is not the 3 bytes');
  });
});
