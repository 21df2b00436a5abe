// A trace as Parquet in the columns of FLAME-MoE-Traces: `scores` list<float16> and `indices` list<int16> for each token, a file a layer.
import type { SchemaElement } from 'hyparquet';
import { fromFloat16, toFloat16 } from '../../core/halfFloats';
import type { PromptTrace } from '../promptTrace';
import { versionsOf, type TraceDocument } from './traceDocument';

/** A list of `element` with the three levels that the format's specification asks for. */
const listOf = (name: string, element: Omit<SchemaElement, 'name'>): SchemaElement[] => [
  { name, repetition_type: 'REQUIRED', num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', repetition_type: 'REQUIRED', ...element },
];

const SCHEMA: SchemaElement[] = [
  { name: 'root', num_children: 2 },
  ...listOf('scores', { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 2, logical_type: { type: 'FLOAT16' } }),
  ...listOf('indices', { type: 'INT32', converted_type: 'INT_16' }),
];

/** The files by name; each has a row for each token, the end token first. The scores are the gate weights, rounded to float16. */
export async function traceParquet(document: TraceDocument): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [version, trace] of versionsOf(document)) {
    for (let layer = 0; layer < trace.layers; layer++) {
      const number = document.firstLayer + layer;
      const { scores, indices } = columnsOf(trace, layer);
      const buffer = parquetWriteBuffer({
        columnData: [
          { name: 'scores', data: scores },
          { name: 'indices', data: indices },
        ],
        schema: SCHEMA,
        kvMetadata: Object.entries({
          model: document.model,
          step: String(document.step),
          layer: String(number),
          version,
          text: document.text,
          changes: document.changes,
        }).map(([key, value]) => ({ key, value })),
        createdBy: 'switchyard',
      });
      files.set(`${version}/layer_${number}.parquet`, new Uint8Array(buffer));
    }
  }
  return files;
}

function columnsOf({ tokens, expertsPerToken: K, chosen, weights }: PromptTrace, layer: number) {
  const rounded = fromFloat16(toFloat16(weights));
  const rows = Array.from({ length: tokens }, (_, token) => {
    const from = (layer * tokens + token) * K;
    return Array.from({ length: K }, (_unused, k) => from + k).filter((place) => chosen[place]! >= 0);
  });
  return {
    scores: rows.map((places) => places.map((place) => rounded[place]!)),
    indices: rows.map((places) => places.map((place) => chosen[place]!)),
  };
}
