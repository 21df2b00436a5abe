// Every format of a trace, read back and compared with it number by number.
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import { fromFloat16, toFloat16 } from '../../core/halfFloats';
import { sampleTrace } from '../../testing/sampleTrace';
import type { PromptTrace } from '../promptTrace';
import type { TraceDocument } from './traceDocument';
import { traceJson } from './traceJson';
import { traceParquet } from './traceParquet';
import { traceRows } from './traceRows';

const [L, T, E] = [3, 7, 8];
const document: TraceDocument = {
  model: 'shipped.5000',
  step: 5000,
  firstLayer: 1,
  text: 'say "春"\n',
  changes: 'k_*_*_1',
  ids: Int32Array.from({ length: T }, (_, t) => 100 + t),
  pieces: ['', 'say', ' "', '⟨E6⟩', '春', '"', '\n'],
  baseline: sampleTrace(1, L, T, E, 2),
  changed: sampleTrace(2, L, T, E, 3, 1),
};
const alone: TraceDocument = { ...document, changes: '', changed: null };
const versions = [
  ['baseline', document.baseline],
  ['changed', document.changed!],
] as const;

/** Columns of the JSON, and how long their innermost rows are. */
const COLUMNS = [
  'scores',
  'offsets',
  'chosen',
  'weights',
  'norms',
  'sharedNorms',
  'margins',
  'offsetChanged',
  'surprise',
] as const;

const flat = (value: unknown): number[] =>
  Array.isArray(value) ? value.flatMap(flat) : [value === null ? NaN : (value as number)];

function expectJsonOf(json: Record<string, unknown>, trace: PromptTrace): void {
  expect([json.layers, json.experts, json.expertsPerToken]).toEqual([trace.layers, trace.experts, trace.expertsPerToken]);
  for (const column of COLUMNS) expect(flat(json[column]).map(Math.fround), column).toEqual([...trace[column]]);
  expect(flat(json.nextIds)).toEqual([...trace.next.ids]);
  expect(flat(json.nextLogs).map(Math.fround)).toEqual([...trace.next.logs]);
  const scores = json.scores as number[][][];
  expect([scores.length, scores[0]!.length, scores[0]![0]!.length]).toEqual([L, T, E]);
  expect(Math.fround(scores[2]![5]![3]!)).toBe(trace.scores[(2 * T + 5) * E + 3]);
}

test('JSON gives back every float32 to the last bit', () => {
  const json = JSON.parse([...traceJson(document)].join('')) as Record<string, unknown>;
  const { model, step, firstLayer, text, changes } = document;
  expect(json).toMatchObject({ format: 'switchyard-trace', version: 1, model, step, firstLayer, text, changes });
  expect(json.tokens).toEqual(document.pieces.map((piece, t) => ({ id: 100 + t, piece })));
  for (const [name, trace] of versions) expectJsonOf(json[name] as Record<string, unknown>, trace);
  const plain = JSON.parse([...traceJson(alone)].join('')) as Record<string, unknown>;
  expect(plain.changed).toBeNull();
  expectJsonOf(plain.baseline as Record<string, unknown>, document.baseline);
});

test('rows have each choice once, with the numbers of its place', () => {
  const { columns, rows } = traceRows(document);
  expect(rows).toHaveLength(L * T * 2 + L * T * 1);
  const at = (row: readonly (string | number)[], name: string): string | number => row[columns.indexOf(name)]!;
  for (const row of rows) {
    const trace = at(row, 'version') === 'baseline' ? document.baseline : document.changed!;
    const [layer, token, rank, expert] = ['layer', 'position', 'rank', 'expert'].map((name) => at(row, name) as number);
    const place = ((layer! - 1) * T + token!) * trace.expertsPerToken + rank! - 1;
    const line = (layer! - 1) * T + token!;
    expect(trace.chosen[place]).toBe(expert);
    expect([at(row, 'weight'), at(row, 'norm')]).toEqual([trace.weights[place], trace.norms[place]]);
    expect([at(row, 'score'), at(row, 'offset')]).toEqual([trace.scores[line * E + expert!], trace.offsets[line * E + expert!]]);
    expect([at(row, 'margin'), at(row, 'shared_norm')]).toEqual([trace.margins[line], trace.sharedNorms[line]]);
    expect([at(row, 'offset_changed'), at(row, 'surprise')]).toEqual([trace.offsetChanged[line], trace.surprise[token!]]);
    expect([at(row, 'id'), at(row, 'piece')]).toEqual([document.ids[token!], document.pieces[token!]]);
  }
});

test('Parquet has a file a layer, lists of float16 and int16 for each token, and says what they are of', async () => {
  const files = await traceParquet(document);
  expect([...files.keys()]).toEqual(versions.flatMap(([name]) => [1, 2, 3].map((layer) => `${name}/layer_${layer}.parquet`)));
  for (const [name, trace] of versions) {
    const { expertsPerToken: K } = trace;
    const rounded = fromFloat16(toFloat16(trace.weights));
    for (let layer = 0; layer < L; layer++) {
      const file = files.get(`${name}/layer_${layer + 1}.parquet`)!.buffer;
      const rows = (await parquetReadObjects({ file })) as { scores: number[]; indices: number[] }[];
      expect(rows).toHaveLength(T);
      rows.forEach(({ scores, indices }, token) => {
        const places = Array.from({ length: K }, (_, k) => (layer * T + token) * K + k).filter(
          (place) => trace.chosen[place]! >= 0,
        );
        expect(indices).toEqual(places.map((place) => trace.chosen[place]));
        expect(scores).toEqual(places.map((place) => rounded[place]));
      });
      const { schema, key_value_metadata: said } = parquetMetadata(file);
      const leaves = schema.filter(({ type }) => type);
      expect(leaves.map(({ type, logical_type }) => logical_type?.type ?? type)).toEqual(['FLOAT16', 'INT32']);
      expect(leaves[1]!.converted_type).toBe('INT_16');
      expect(Object.fromEntries(said!.map(({ key, value }) => [key, value]))).toMatchObject({
        model: 'shipped.5000',
        step: '5000',
        layer: String(layer + 1),
        version: name,
        text: document.text,
      });
    }
  }
});
