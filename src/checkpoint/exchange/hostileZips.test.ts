// Zips that mean harm: each is refused by name, soon, and before more is unpacked than the refusal needs.
import fc from 'fast-check';
import { BlobReader, BlobWriter, TextReader, Uint8ArrayReader, ZipWriter } from '@zip.js/zip.js/lib/zip-core-native.js';
import { beforeAll, expect, it } from 'vitest';
import { fixtureFiles, ROOMY, textBytes, type Bytes, type Files } from '../../testing/checkpointFolders';
import { valueOf } from '../../testing/fixtureModel';
import { quickest } from '../../testing/quickest';
import { readSafetensors, writeSafetensors } from '../safetensors';
import type { ExchangeError, Folder } from './folder';
import { importFolder } from './importFolder';
import { openZip, packZip } from './zip';

type Offence = ExchangeError['offence'];

let good: Files;
let prototype: PropertyKey[];
beforeAll(async () => {
  good = await fixtureFiles('tiny-a');
  prototype = Reflect.ownKeys(Object.prototype);
});

async function offenceOf(folder: Folder): Promise<{ offence: Offence | 'none'; detail: string }> {
  const result = await importFolder(folder, ROOMY);
  return result.ok ? { offence: 'none', detail: '' } : result.error;
}

/** A zip whose bytes a test may change: entries are stored, unless they are compressed on purpose. */
async function zipped(entries: readonly (readonly [name: string, content: Bytes, level?: number])[]): Promise<Bytes> {
  const writer = new ZipWriter(new BlobWriter(), {
    useWebWorkers: false,
    extendedTimestamp: false,
    dataDescriptor: false,
    level: 0,
  });
  for (const [name, bytes, level = 0] of entries) await writer.add(name, new Uint8ArrayReader(bytes), { level });
  return new Uint8Array(await (await writer.close()).arrayBuffer());
}
const goodZip = async (): Promise<Bytes> => new Uint8Array(await (await packZip(good)).arrayBuffer());
/** Writes `value` in place of `before` wherever it stands as 32 bits, little-endian. */
function replaced(bytes: Bytes, before: number, value: number): Bytes {
  const changed = bytes.slice();
  const view = new DataView(changed.buffer);
  for (let at = 0; at + 4 <= changed.length; at++) if (view.getUint32(at, true) === before) view.setUint32(at, value, true);
  return changed;
}
const textBytesOf = (latin1: string): Bytes => Uint8Array.from(latin1, (character) => character.charCodeAt(0));
const MiB = 2 ** 20;

const zeros = { shape: [2 * MiB], values: new Float32Array(2 * MiB) };
/** `file` with `pad` spaces behind its header. */
function padded(file: Bytes, pad: number): Bytes {
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  const bytes = new Uint8Array(file.length + pad).fill(0x20);
  bytes.set(file.subarray(0, 8 + length));
  bytes.set(file.subarray(8 + length), 8 + length + pad);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length + pad), true);
  return bytes;
}
/** A checkpoint of `shards` with an index, each in the place of one of the model's tensors. */
const zippedShards = (shards: readonly Bytes[]): Promise<Bytes> => {
  const tensors = [...valueOf(readSafetensors(good.get('model.safetensors')!)).keys()];
  const names = shards.map((_, index) => `${index}.safetensors`);
  const index = { weight_map: Object.fromEntries(names.map((name, at) => [tensors[at], name])) };
  return zipped([
    ['config.json', good.get('config.json')!],
    ['model.safetensors.index.json', textBytes(JSON.stringify(index))],
    ...shards.map((shard, at) => [names[at]!, shard, 6] as const),
  ]);
};
/** The model's tensors, one a file. @param pad spaces behind each header */
const scattered = (count: number, pad: number): Bytes[] =>
  [...valueOf(readSafetensors(good.get('model.safetensors')!))]
    .slice(0, count)
    .map(([name, tensor]) => padded(writeSafetensors(new Map([[name, tensor]])), pad));

const ZIPS: readonly (readonly [string, Offence, () => Promise<Bytes>])[] = [
  ['an empty file', 'zip', async () => new Uint8Array(0)],
  ['noise', 'zip', async () => Uint8Array.from({ length: 5000 }, (_, index) => (index * 7919) & 255)],
  ['a zip cut short', 'zip', async () => (await goodZip()).slice(0, -30)],
  ['a zip of nothing', 'missing', () => zipped([])],
  [
    'a zip with a bit of its weights turned over',
    'zip',
    async () => {
      const bytes = await goodZip();
      bytes[bytes.length >> 1]! ^= 1;
      return bytes;
    },
  ],
  ['a config.json that unpacks to 64 MiB', 'too-long', () => zipped([['config.json', new Uint8Array(64 * MiB), 6]])],
  [
    'weights that unpack to 64 MiB, for a model of 240 kB',
    'too-long',
    () =>
      zipped([
        ['config.json', good.get('config.json')!],
        ['model.safetensors', new Uint8Array(64 * MiB), 6],
      ]),
  ],
  [
    'weights that announce less than they are',
    'zip',
    async () => {
      const weights = good.get('model.safetensors')!;
      const more = new Uint8Array(64 * MiB);
      more.set(weights);
      const bytes = await zipped([
        ['config.json', good.get('config.json')!],
        ['model.safetensors', more, 6],
      ]);
      return replaced(bytes, more.length, weights.length);
    },
  ],
  [
    'weights that announce more than they are',
    'zip',
    async () => {
      const weights = good.get('model.safetensors')!;
      const bytes = await zipped([
        ['config.json', good.get('config.json')!],
        ['model.safetensors', weights.slice(0, -100), 6],
      ]);
      return replaced(bytes, weights.length - 100, weights.length);
    },
  ],
  [
    '12 files of 8 MiB for a model of 240 kB',
    'too-long',
    () => zippedShards(Array.from({ length: 12 }, () => writeSafetensors(new Map([['x', zeros]])))),
  ],
  ['headers that are too long together', 'container', () => zippedShards(scattered(9, 953_000))],
  [
    '41 files, and the last of another model',
    'tensor',
    () => zippedShards([...scattered(40, 0), writeSafetensors(new Map([['x', zeros]]))]),
  ],
  [
    'two config.json',
    'ambiguous',
    async () =>
      zipped([
        ['a/config.json', good.get('config.json')!],
        ['b/config.json', good.get('config.json')!],
      ]),
  ],
  [
    'names that lead out of the folder',
    'zip',
    async () => {
      const bytes = await zipped([['aa/aa/config.json', good.get('config.json')!]]);
      return textBytesOf(Buffer.from(bytes).toString('latin1').replaceAll('aa/aa/', '../../'));
    },
  ],
  [
    '1,100 entries',
    'zip',
    async () => {
      const writer = new ZipWriter(new BlobWriter(), { useWebWorkers: false, level: 0 });
      for (let index = 0; index < 1100; index++) await writer.add(`${index}`, new TextReader(''));
      return new Uint8Array(await (await writer.close()).arrayBuffer());
    },
  ],
  [
    'an encrypted config.json',
    'zip',
    async () => {
      const writer = new ZipWriter(new BlobWriter(), { useWebWorkers: false, level: 0, password: 'x', zipCrypto: true });
      await writer.add('config.json', new BlobReader(new Blob([good.get('config.json')!])));
      return new Uint8Array(await (await writer.close()).arrayBuffer());
    },
  ],
];

it.each(ZIPS)('refuses a zip: %s as %s, within 200 ms', async (_name, offence, make) => {
  const bytes = await make();
  const [error, took] = await quickest(200, async () => {
    const folder = await openZip(new Blob([bytes]), 'model.zip');
    return folder.ok ? offenceOf(folder.value) : folder.error;
  });
  expect(error.offence).toBe(offence);
  expect(took).toBeLessThan(200);
  expect(Reflect.ownKeys(Object.prototype)).toEqual(prototype);
});

it('unpacks of a refused checkpoint no more than its headers: the second file is not begun where the first names a stranger', async () => {
  const stranger = writeSafetensors(new Map([['x', { shape: [MiB / 8], values: new Float32Array(MiB / 8) }]]));
  const bytes = await zippedShards(Array.from({ length: 8 }, () => stranger));
  const reads: (readonly [string, number])[] = [];
  const files = [...valueOf(await openZip(new Blob([bytes]), 'model.zip'))].map(([name, file]) => {
    const read: typeof file.read = async (part) => {
      const blob = await file.read(part);
      if (name.endsWith('.safetensors')) reads.push([name, valueOf(blob).size]);
      return blob;
    };
    return [name, { ...file, read }] as const;
  });
  expect(await offenceOf(new Map(files))).toMatchObject({ offence: 'tensor', detail: '"x" belongs to no part of this model' });
  expect(new Set(reads.map(([name]) => name))).toEqual(new Set(['0.safetensors']));
  for (const [, length] of reads) expect(length).toBeLessThanOrEqual(MiB / 4);
});

it('stops unpacking where the import is called off, and rejects with the reason', async () => {
  const caller = new AbortController();
  const zip = valueOf(await openZip(new Blob([await goodZip()]), 'model.zip'));
  const file = zip.get('model.safetensors')!;
  let unpacked = 0;
  const read: typeof file.read = async (part) => {
    if (part?.most === undefined) caller.abort(new Error('called off'));
    const blob = await file.read(part);
    if (part?.most === undefined) unpacked = valueOf(blob).size;
    return blob;
  };
  const folder = new Map([...zip, ['model.safetensors', { ...file, read }]]);
  await expect(importFolder(folder, { ...ROOMY, signal: caller.signal })).rejects.toThrow('called off');
  expect(unpacked).toBe(0);
});

/** 500, each of which unpacks a zip; MUTATIONS=200000 for 10,000. */
const MUTATIONS = Math.ceil(Number(process.env['MUTATIONS'] ?? 10_000) / 20);

it(
  `reads or refuses by name any of ${MUTATIONS} mutations of a zip of a checkpoint`,
  async () => {
    const whole = await zipped([
      ['config.json', good.get('config.json')!, 6],
      ['model.safetensors', good.get('model.safetensors')!],
    ]);
    // Names, sizes and configuration: what lies between is weights, of which the checksum speaks.
    const place = fc.oneof(fc.nat(600), fc.integer({ min: whole.length - 250, max: whole.length - 1 }), fc.nat(whole.length - 1));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        async (changes, isCut) => {
          const bytes = isCut ? whole.slice(0, changes[0]![0]) : whole.slice();
          for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
          const folder = await openZip(new Blob([bytes]), 'model.zip');
          const error = folder.ok ? await offenceOf(folder.value) : folder.error;
          expect(typeof error.offence).toBe('string');
        },
      ),
      { numRuns: MUTATIONS },
    );
    expect(Reflect.ownKeys(Object.prototype)).toEqual(prototype);
  },
  60_000 + 50 * MUTATIONS,
);
