// Folders that mean harm: each is refused by name, soon, and before its weights are read where that can be.
import { beforeAll, expect, it } from 'vitest';
import { fixtureFiles, inFolder, ROOMY, textBytes, type Bytes, type Files } from '../../testing/checkpointFolders';
import { valueOf } from '../../testing/fixtureModel';
import { quickest } from '../../testing/quickest';
import { readSafetensors, writeSafetensors, type SafeTensor } from '../safetensors';
import { fileOf, folderOf, type ExchangeError, type Folder } from './folder';
import { importFolder } from './importFolder';

type Offence = ExchangeError['offence'];

let good: Files;
let prototype: PropertyKey[];
beforeAll(async () => {
  good = await fixtureFiles('tiny-a');
  prototype = Reflect.ownKeys(Object.prototype);
});

const config = (changes: Readonly<Record<string, unknown>>): Files => {
  const json = JSON.parse(new TextDecoder().decode(good.get('config.json'))) as object;
  return withFile('config.json', textBytes(JSON.stringify({ ...json, ...changes })));
};
const withFile = (name: string, bytes: Bytes): Files => new Map([...good, [name, bytes]]);
const without = (name: string): Files => new Map([...good].filter(([other]) => other !== name));
const tensors = (change: (all: Map<string, SafeTensor>) => void): Files => {
  const all = new Map(valueOf(readSafetensors(good.get('model.safetensors')!)));
  change(all);
  return withFile('model.safetensors', writeSafetensors(all));
};
const sharded = (index: unknown, more: Files = new Map()): Files =>
  new Map([
    ['config.json', good.get('config.json')!],
    ['model.safetensors.index.json', textBytes(typeof index === 'string' ? index : JSON.stringify(index))],
    ...more,
  ]);
const norm = 'model.norm.weight';
const ones = { shape: [32], values: new Float32Array(32).fill(1) };

const FOLDERS: readonly (readonly [string, Offence, () => Files])[] = [
  ['no files at all', 'missing', () => new Map()],
  ['no config.json', 'missing', () => without('config.json')],
  ['no weights', 'missing', () => without('model.safetensors')],
  ['a config.json that is no JSON', 'config', () => withFile('config.json', textBytes('{"model_type": dots1}'))],
  ['a config.json with a key twice', 'config', () => withFile('config.json', textBytes('{"hidden_size": 8, "hidden_size": 9}'))],
  ['a config.json that is no UTF-8', 'unreadable', () => withFile('config.json', Uint8Array.of(0x7b, 0xff))],
  ['a config.json of a hundred thousand brackets', 'config', () => withFile('config.json', textBytes('['.repeat(1e5)))],
  ['a config.json of 2 MiB', 'too-long', () => withFile('config.json', new Uint8Array(2 ** 21))],
  ['a config.json of another model', 'config', () => config({ model_type: 'llama' })],
  ['a config.json with another activation', 'config', () => config({ hidden_act: 'gelu' })],
  ['a config.json with a width of text', 'config', () => config({ hidden_size: '32' })],
  ['a config.json with endless layers', 'config', () => config({ num_hidden_layers: 1e15 })],
  ['a config.json with a million layers', 'container', () => config({ num_hidden_layers: 1e6, hidden_size: 2, head_dim: 2 })],
  ['a config.json with more experts than names', 'container', () => config({ n_routed_experts: 32_760, num_hidden_layers: 2 })],
  ['a config.json with 8,000 experts', 'tensor', () => config({ n_routed_experts: 8000, num_hidden_layers: 2 })],
  ['a config.json with a fraction of an expert', 'config', () => config({ n_routed_experts: 7.5 })],
  [
    'a model of 140 billion parameters',
    'too-large',
    () =>
      config({
        hidden_size: 4096,
        num_hidden_layers: 62,
        n_routed_experts: 128,
        moe_intermediate_size: 1408,
        vocab_size: 152_064,
      }),
  ],
  ['an embedding that alone is too large', 'too-large', () => config({ vocab_size: 16_000_000 })],
  ['weights that are no safetensors', 'container', () => withFile('model.safetensors', textBytes('PK'.repeat(100)))],
  ['weights cut short', 'container', () => withFile('model.safetensors', good.get('model.safetensors')!.slice(0, -1))],
  [
    'weights with something behind them',
    'container',
    () => withFile('model.safetensors', Uint8Array.from([...good.get('model.safetensors')!, 0])),
  ],
  ['a tensor missing', 'tensor', () => tensors((all) => all.delete(norm))],
  ['a tensor too many', 'tensor', () => tensors((all) => all.set('model.layers.9.mlp.gate.weight', ones))],
  ['a tensor named __proto__', 'tensor', () => tensors((all) => all.set('__proto__', ones))],
  ['a tensor of another shape', 'tensor', () => tensors((all) => all.set(norm, { shape: [4, 8], values: ones.values }))],
  ['a tensor of whole numbers', 'tensor', () => tensors((all) => all.set(norm, { shape: [32], values: new Int32Array(32) }))],
  ['an index that is no JSON', 'index', () => sharded('{')],
  ['an index with a tensor twice', 'index', () => sharded('{"weight_map":{"a":"a.safetensors","a":"b.safetensors"}}')],
  ['an index without a map', 'index', () => sharded({ weight_map: [] })],
  ['an index that leads out of the folder', 'index', () => sharded({ weight_map: { [norm]: '../../secret.safetensors' } })],
  ['an index that leads to another kind of file', 'index', () => sharded({ weight_map: { [norm]: 'config.json' } })],
  ['an index to a file that is not there', 'missing', () => sharded({ weight_map: { [norm]: 'a.safetensors' } })],
  [
    'an index to a file of a name of a million letters',
    'index',
    () => sharded({ weight_map: { [norm]: `${'a'.repeat(1e6)}.safetensors` } }),
  ],
  [
    'an index to files of another model',
    'tensor',
    () => sharded({ weight_map: { [norm]: 'a.safetensors', x: 'b.safetensors' } }),
  ],
  [
    'a file that lacks what the index places there',
    'tensor',
    () => sharded({ weight_map: { [norm]: 'a.safetensors' } }, new Map([['a.safetensors', writeSafetensors(new Map())]])),
  ],
  [
    'a tensor in two files',
    'tensor',
    () => {
      const one = writeSafetensors(new Map([[norm, ones]]));
      return sharded(
        { weight_map: { [norm]: 'a.safetensors', 'lm_head.weight': 'b.safetensors' } },
        new Map([
          ['a.safetensors', one],
          ['b.safetensors', one],
        ]),
      );
    },
  ],
];

it('says no more of a name than can be read', () => {
  const long = `config.json/${'a'.repeat(60_000)}`;
  const twice = folderOf([`${long}/x`, `${long}/x`].map((path) => [path, fileOf(new Blob())] as const));
  expect(twice).toMatchObject({ error: { offence: 'ambiguous' } });
  const longName = folderOf([1, 2].map(() => ['a'.repeat(60_000), fileOf(new Blob())] as const));
  expect(!longName.ok && longName.error.file.length).toBe(120);
});

async function offenceOf(folder: Folder): Promise<{ offence: Offence | 'none'; detail: string }> {
  const result = await importFolder(folder, ROOMY);
  return result.ok ? { offence: 'none', detail: '' } : result.error;
}

it.each(FOLDERS)('refuses %s as %s, within 200 ms', async (_name, offence, make) => {
  const folder = inFolder(make());
  const [error, took] = await quickest(200, () => offenceOf(folder));
  expect(took).toBeLessThan(200);
  expect(error.offence).toBe(offence);
  expect(error.detail).toMatch(/^.{1,700}$/su);
  expect(Reflect.ownKeys(Object.prototype)).toEqual(prototype);
});

it('says how much memory a model needs and how much there is, before a byte of its weights is read', async () => {
  let isRead = false;
  const weights = {
    size: 10,
    read: () => {
      isRead = true;
      throw new Error('read');
    },
  };
  const folder = new Map([...inFolder(without('model.safetensors')), ['model.safetensors', weights]]);
  const result = await importFolder(folder, { ...ROOMY, limits: { total: 100_000, tensor: 2 ** 30 } });
  expect(result).toMatchObject({ error: { offence: 'too-large', detail: '0.2 MiB > 0.1 MiB' } });
  expect(isRead).toBe(false);
});

it('takes the config.json nearest the top, and what lies beside it; two at one depth are refused', async () => {
  const at = (place: string) => [...good].map(([name, bytes]) => [`${place}${name}`, fileOf(new Blob([bytes]))] as const);
  const nested = valueOf(
    folderOf([...at('model/'), ...at('model/original/').filter(([path]) => !path.endsWith('.json')), ...at('a/b/c/')]),
  );
  expect((await offenceOf(nested)).offence).toBe('none');
  expect(folderOf([...at('one/'), ...at('two/')])).toMatchObject({ error: { offence: 'ambiguous' } });
});
