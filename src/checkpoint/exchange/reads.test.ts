// What an import reads of a file, and when: memory follows from it, because no read is kept longer than its tensor is copied.
import { expect, it } from 'vitest';
import { fixtureFiles, inFolder, ROOMY, type Bytes, type Files } from '../../testing/checkpointFolders';
import { valueOf } from '../../testing/fixtureModel';
import { readSafetensors, writeSafetensors } from '../safetensors';
import { readHeader } from '../safetensorsHeader';
import { importFolder } from './importFolder';

const WEIGHTS = 'model.safetensors';

/** A folder whose weights tell the length of each read. */
function watched(files: Files): { folder: ReturnType<typeof inFolder>; reads: number[] } {
  const bytes = files.get(WEIGHTS)!;
  const reads: number[] = [];
  const blob = new Blob([bytes]);
  blob.slice = (start = 0, end = bytes.length) => {
    const part = new Blob([bytes.subarray(start, end)]);
    const { size } = part;
    part.arrayBuffer = () => {
      reads.push(size);
      return new Blob([bytes.subarray(start, end)]).arrayBuffer();
    };
    return part;
  };
  blob.arrayBuffer = () => Promise.reject(new Error('read whole'));
  const file = { size: bytes.length, read: () => Promise.resolve({ ok: true as const, value: blob }) };
  return { folder: new Map([...inFolder(files), [WEIGHTS, file]]), reads };
}
const sum = (lengths: readonly number[]): number => lengths.reduce((total, length) => total + length, 0);

it.each(['tiny-a', 'tiny-b'])('%s is read a tensor at a time, each once, and the header', async (name) => {
  const files = await fixtureFiles(name);
  const { entries, dataStart } = valueOf(readHeader(files.get(WEIGHTS)!));
  const { folder, reads } = watched(files);
  valueOf(await importFolder(folder, ROOMY));
  expect(Math.max(...reads)).toBe(Math.max(dataStart, ...entries.map(({ start, end }) => end - start)));
  expect(sum(reads)).toBeLessThanOrEqual(files.get(WEIGHTS)!.length + 2 * dataStart);
});

it('of a file that is refused no weight is read, be its last tensor the wrong one', async () => {
  const files = await fixtureFiles('tiny-b');
  const all = new Map(valueOf(readSafetensors(files.get(WEIGHTS)!)));
  all.set('model.extra', { shape: [1], values: Float32Array.of(1) });
  const bytes: Bytes = writeSafetensors(all);
  const { folder, reads } = watched(new Map([...files, [WEIGHTS, bytes]]));
  expect(await importFolder(folder, ROOMY)).toMatchObject({ error: { offence: 'tensor' } });
  expect(sum(reads)).toBeLessThanOrEqual(2 * valueOf(readHeader(bytes)).dataStart);
});
