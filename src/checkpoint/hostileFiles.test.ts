// Files made to harm: each is refused with a word for what it does, quickly, without much memory, and leaves nothing behind.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quickest } from '../testing/quickest';
import { readSafetensors, writeSafetensors } from './safetensors';
import { HEADER_LIMIT, type FormatError } from './safetensorsHeader';

const PROTOTYPE = Reflect.ownKeys(Object.prototype);
const MILLISECONDS = 200;
/** Bytes that are garbage already, but not collected yet, when the memory of the process is looked at. */
const GARBAGE = 16 * 2 ** 20;

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A file of the header's text and `dataBytes` bytes of data. @param claimed the header length it claims */
function file(header: string | Uint8Array, dataBytes = 8, claimed?: bigint): Uint8Array {
  const json = typeof header === 'string' ? utf8(header) : header;
  const whole = new Uint8Array(8 + json.length + dataBytes);
  new DataView(whole.buffer).setBigUint64(0, claimed ?? BigInt(json.length), true);
  whole.set(json, 8);
  return whole;
}
const tensor = (offsets = '[0,8]', shape = '[2]', dtype = '"F32"') =>
  `{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}`;
const half = (offsets: string) => tensor(offsets, '[1]');
const only = (entry: string) => file(`{"a":${entry}}`);
/** As many `unit` as the longest header holds. */
const long = (begin: string, unit: (index: number) => string, end: string) => {
  const units: string[] = [];
  for (let left = HEADER_LIMIT - begin.length - end.length, i = 0; (left -= unit(i).length) >= 0; i++) units.push(unit(i));
  return file(begin + units.join('') + end, 0);
};

const manyTensors = Array.from({ length: 25_000 }, (_, i) => `"${i}":${tensor('[0,0]', '[0]')}`).join();

const HOSTILE: readonly [string, FormatError['offence'], () => Uint8Array][] = [
  ['nothing at all', 'truncated', () => new Uint8Array(0)],
  ['a length cut short', 'truncated', () => new Uint8Array(7)],
  ['a header that ends past the file', 'truncated', () => file('{}', 0, 3n)],
  ['a header of 2⁶⁴ − 1 bytes', 'header-too-large', () => file('{}', 0, 2n ** 64n - 1n)],
  ['a header one byte over the limit', 'header-too-large', () => file('{}', 0, BigInt(HEADER_LIMIT) + 1n)],
  ['an empty header', 'header-not-json', () => file('', 0)],
  ['a header that begins with a space', 'header-not-json', () => file(' {}', 0)],
  ['a header with a byte-order mark', 'header-not-json', () => file('\ufeff{}', 0)],
  ['a list for a header', 'header-not-json', () => file('[]', 0)],
  ['a header cut in the middle', 'header-not-json', () => file(`{"a":${tensor()}`)],
  ['a second header behind the first', 'header-not-json', () => file(`{"a":${tensor()}}{}`)],
  ['bytes that are no UTF-8', 'header-not-json', () => file(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a), 0)],
  ['an escape cut off', 'header-not-json', () => file('{"\\ud8', 0)],
  ['a line break in a name', 'header-not-json', () => file(`{"a\n":${tensor()}}`)],
  ['eight million opened lists for a tensor', 'bad-entry', () => long('{"a":', () => '[', '')],
  ['eight million opened lists for a shape', 'bad-entry', () => long('{"a":{"shape":', () => '[', '')],
  ['a million opened objects', 'bad-entry', () => long('', () => '{"a":', '')],
  ['a name of eight million characters', 'bad-entry', () => long('{"', () => 'a', '":0}')],
  ['a name of a million escapes', 'bad-entry', () => long('{"', () => '\\u0061', '":0}')],
  ['a shape of four million axes', 'bad-entry', () => long('{"a":{"dtype":"F32","shape":[1', () => ',1', ']}}')],
  ['a name that comes twice', 'duplicate-name', () => file(`{"a":${half('[0,4]')},"a":${half('[4,8]')}}`)],
  ['a name that comes twice, once escaped', 'duplicate-name', () => file(`{"a":${half('[0,4]')},"\\u0061":${half('[4,8]')}}`)],
  ['__proto__ twice', 'duplicate-name', () => file(`{"__proto__":${half('[0,4]')},"__proto__":${half('[4,8]')}}`)],
  ['two shapes', 'duplicate-name', () => only('{"dtype":"F32","shape":[9],"shape":[2],"data_offsets":[0,8]}')],
  ['two __metadata__', 'duplicate-name', () => file('{"__metadata__":{},"__metadata__":{}}', 0)],
  ['a number in the metadata', 'bad-entry', () => file('{"__metadata__":{"step":1}}', 0)],
  ['a list for metadata', 'header-not-json', () => file('{"__metadata__":[]}', 0)],
  ['a tensor that is a number', 'bad-entry', () => only('7')],
  ['a tensor of null', 'bad-entry', () => only('null')],
  ['a tensor without a shape', 'bad-entry', () => only('{"dtype":"F32","data_offsets":[0,8]}')],
  [
    'a prototype that brings the shape',
    'bad-entry',
    () => only('{"__proto__":{"shape":[2]},"dtype":"F32","data_offsets":[0,8]}'),
  ],
  ['a field the format does not know', 'bad-entry', () => only('{"dtype":"F32","shape":[2],"data_offsets":[0,8],"strides":[1]}')],
  ['a negative length', 'bad-entry', () => only(tensor('[0,8]', '[-2]'))],
  ['a fraction of a length', 'bad-entry', () => only(tensor('[0,8]', '[2.5]'))],
  ['a length of 2⁶⁴', 'bad-entry', () => only(tensor('[0,8]', '[18446744073709551616]'))],
  ['a length in a text', 'bad-entry', () => only(tensor('[0,8]', '["2"]'))],
  ['a type that is not known', 'unsupported-type', () => only(tensor('[0,8]', '[2]', '"F8_E4M3"'))],
  ['a type named like a property of objects', 'unsupported-type', () => only(tensor('[0,8]', '[2]', '"constructor"'))],
  ['a shape whose product overflows', 'bad-offsets', () => only(tensor('[0,8]', '[4294967296,4294967296,2]'))],
  ['fewer bytes than the shape takes', 'bad-offsets', () => only(tensor('[0,4]'))],
  ['offsets in the wrong order', 'bad-offsets', () => only(tensor('[8,0]'))],
  ['one offset', 'bad-offsets', () => only(tensor('[8]'))],
  ['three offsets', 'bad-offsets', () => only(tensor('[0,8,8]'))],
  ['a tensor past the file', 'truncated', () => file(`{"a":${tensor()}}`, 7)],
  ['a tensor of 4 PiB', 'truncated', () => only(tensor('[0,4503599627370496]', '[1125899906842624]'))],
  ['two tensors over the same bytes', 'bad-offsets', () => file(`{"a":${tensor()},"b":${tensor()}}`)],
  ['two tensors that overlap by half', 'bad-offsets', () => file(`{"a":${tensor()},"b":${tensor('[4,12]')}}`, 12)],
  ['bytes hidden between tensors', 'bad-offsets', () => file(`{"a":${half('[0,4]')},"b":${half('[8,12]')}}`, 12)],
  ['bytes hidden before the first tensor', 'bad-offsets', () => file(`{"a":${tensor('[4,12]')}}`, 12)],
  ['bytes hidden at the end', 'trailing-bytes', () => file(`{"a":${tensor()}}`, 9)],
  ['data without a tensor', 'trailing-bytes', () => file('{}', 1)],
  ['more tensors than any model has', 'too-many-names', () => long('{', (i) => `"${i}":${tensor('[0,0]', '[0]')},`, '')],
  ['as many tensors as may be, and a byte too many', 'trailing-bytes', () => file(`{${manyTensors}}`, 1)],
  ['half a million texts', 'too-many-names', () => long('{"__metadata__":{', (i) => `"${i}":"",`, '')],
  [
    'two million indices, and the last beyond 32 bits',
    'value-out-of-range',
    () => file(`{"a":${tensor('[0,16000000]', '[2000000]', '"I64"')}}`, 16_000_000).fill(0x7f, -8),
  ],
  ['an index beyond 32 bits', 'value-out-of-range', () => file(`{"a":${tensor('[0,8]', '[1]', '"I64"')}}`).fill(0x7f, -8)],
];

describe('a hostile safetensors file', () => {
  it.each(HOSTILE)('with %s is refused as %s', async (_name, offence, make) => {
    const bytes = make();
    const before = process.memoryUsage();
    const first = readSafetensors(bytes);
    const after = process.memoryUsage();
    const [read, milliseconds] = await quickest(MILLISECONDS, () => readSafetensors(bytes));
    expect(read).toEqual(first);
    expect(read.ok ? 'accepted' : read.error.offence).toBe(offence);
    const { detail } = read.ok ? { detail: '' } : read.error;
    expect(detail.length).toBeGreaterThan(0);
    expect(detail.length).toBeLessThan(400);
    expect(milliseconds).toBeLessThan(MILLISECONDS);
    const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
    expect(grown).toBeLessThan(2 * bytes.length + GARBAGE);
    expect(Reflect.ownKeys(Object.prototype)).toEqual(PROTOTYPE);
  });

  it('may name its tensors like parts of a prototype: they are names and no more', () => {
    const read = readSafetensors(file(`{"__proto__":${tensor()},"constructor":${tensor('[8,16]')}}`, 16));
    expect(read.ok && [...read.value.keys()]).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['dtype']).toBeUndefined();
  });

  it('may hold empty tensors, scalars and spaces behind the header', () => {
    const read = readSafetensors(file(`{"a":${tensor('[0,0]', '[0,7]')},"b":${tensor('[0,8]', '[]', '"I64"')}} \n\t `));
    expect(read.ok && [...read.value].map(([name, { shape, values }]) => [name, shape, values.length])).toEqual([
      ['a', [0, 7], 0],
      ['b', [], 1],
    ]);
  });
});

describe('a damaged safetensors file', () => {
  const whole = writeSafetensors(
    new Map([
      ['weights', { shape: [3, 2], values: Float32Array.of(1, 2, 3, 4, 5, 6) }],
      ['half', { shape: [4], values: Float32Array.of(1, 2, 3, 4), stored: 'BF16' }],
      ['__proto__', { shape: [1], values: Int32Array.of(7) }],
    ]),
    new Map([['format', 'pt']]),
  );
  const PIECES = [
    '"',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '-1',
    '1e9',
    '"__proto__":',
    '\\u0000',
    '9007199254740993',
    '"half"',
    'null',
  ];
  const mutation = fc.record({
    at: fc.nat({ max: whole.length - 1 }),
    remove: fc.nat({ max: 12 }),
    insert: fc.oneof(fc.uint8Array({ maxLength: 4 }), fc.constantFrom(...PIECES).map(utf8)),
    followsLength: fc.boolean(),
  });
  const RUNS = 10_000;

  /** `remove` bytes at `at` replaced; the header's length follows the change, or is left behind by it. */
  function mutated(
    bytes: Uint8Array,
    { at, remove, insert, followsLength }: typeof mutation extends fc.Arbitrary<infer M> ? M : never,
  ) {
    const changed = Uint8Array.from([...bytes.subarray(0, at), ...insert, ...bytes.subarray(at + remove)]);
    if (at < 8 || !followsLength || changed.length < 8) return changed;
    const view = new DataView(changed.buffer);
    view.setBigUint64(0, BigInt.asUintN(64, view.getBigUint64(0, true) + BigInt(changed.length - bytes.length)), true);
    return changed;
  }

  it(`is read whole or refused by a word, in each of ${RUNS} mutations`, () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
        const bytes = mutations.reduce<Uint8Array>(mutated, whole);
        const read = readSafetensors(bytes);
        if (!read.ok) return void refused++;
        for (const { shape, values } of read.value.values())
          expect(values.length).toBe(shape.reduce((product, length) => product * length, 1));
      }),
      { numRuns: RUNS, seed: 20_261_124 },
    );
    expect(refused).toBeGreaterThan(RUNS / 2);
    expect(refused).toBeLessThan(RUNS);
    expect(Reflect.ownKeys(Object.prototype)).toEqual(PROTOTYPE);
  }, 60_000);
});
