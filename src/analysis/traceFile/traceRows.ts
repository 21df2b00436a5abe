// A trace as rows, one for each expert that a token has in a layer: for spreadsheets.
import { versionsOf, type TraceDocument } from './traceDocument';

const COLUMNS = [
  'version',
  'layer',
  'position',
  'id',
  'piece',
  'rank',
  'expert',
  'score',
  'offset',
  'weight',
  'norm',
  'shared_norm',
  'margin',
  'offset_changed',
  'surprise',
] as const;

export interface TraceRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** Layers as numbered in the model, positions from the end token at 0, ranks from 1. */
export function traceRows(document: TraceDocument): TraceRows {
  const rows: (string | number)[][] = [];
  for (const [version, trace] of versionsOf(document)) {
    const { layers, tokens, experts, expertsPerToken: K } = trace;
    for (let place = 0; place < layers * tokens * K; place++) {
      const expert = trace.chosen[place]!;
      if (expert < 0) continue;
      const row = Math.floor(place / K);
      const token = row % tokens;
      rows.push([
        version,
        document.firstLayer + Math.floor(row / tokens),
        token,
        document.ids[token]!,
        document.pieces[token]!,
        (place % K) + 1,
        expert,
        trace.scores[row * experts + expert]!,
        trace.offsets[row * experts + expert]!,
        trace.weights[place]!,
        trace.norms[place]!,
        trace.sharedNorms[row]!,
        trace.margins[row]!,
        trace.offsetChanged[row]!,
        trace.surprise[token]!,
      ]);
    }
  }
  return { columns: COLUMNS, rows };
}
