// A trace as JSON, version 1: docs/trace-format.md. Written in pieces, so that a page can breathe between them.
import type { PromptTrace } from '../promptTrace';
import { versionsOf, type TraceDocument } from './traceDocument';

const VERSION = 1;

/** The file, piece by piece. Numbers have nine significant digits, enough to give back the same float32; NaN is null. */
export function* traceJson(document: TraceDocument): Generator<string> {
  const { model, step, firstLayer, text, changes, ids, pieces } = document;
  const head = { format: 'switchyard-trace', version: VERSION, model, step, firstLayer, text, changes };
  const tokens = pieces.map((piece, token) => ({ id: ids[token], piece }));
  yield `${JSON.stringify(head).slice(0, -1)},"tokens":${JSON.stringify(tokens)}`;
  for (const [name, trace] of versionsOf(document)) {
    yield `,"${name}":{`;
    yield* members(trace);
    yield '}';
  }
  yield `${document.changed ? '' : ',"changed":null'}}`;
}

function* members(trace: PromptTrace): Generator<string> {
  const { layers: L, tokens: T, experts: E, expertsPerToken: K, next } = trace;
  yield `"layers":${L},"experts":${E},"expertsPerToken":${K}`;
  const columns: readonly (readonly [string, Numbers, readonly number[]])[] = [
    ['scores', trace.scores, [L, T, E]],
    ['offsets', trace.offsets, [L, T, E]],
    ['chosen', trace.chosen, [L, T, K]],
    ['weights', trace.weights, [L, T, K]],
    ['norms', trace.norms, [L, T, K]],
    ['sharedNorms', trace.sharedNorms, [L, T]],
    ['margins', trace.margins, [L, T]],
    ['offsetChanged', trace.offsetChanged, [L, T]],
    ['surprise', trace.surprise, [T]],
    ['nextIds', next.ids, [T, next.count]],
    ['nextLogs', next.logs, [T, next.count]],
  ];
  for (const [name, values, shape] of columns) {
    yield `,"${name}":[`;
    const [rows] = shape;
    const size = values.length / Math.max(1, rows!);
    for (let row = 0; row < rows!; row++)
      yield `${row === 0 ? '' : ','}${nested(values, row * size, (row + 1) * size, shape.slice(1))}`;
    yield ']';
  }
}

type Numbers = Float32Array | Int16Array | Int32Array | Uint8Array;

function nested(values: Numbers, from: number, to: number, shape: readonly number[]): string {
  if (shape.length === 0) return digits(values[from]!);
  const [rows] = shape;
  const size = (to - from) / Math.max(1, rows!);
  const parts = Array.from({ length: rows! }, (_, row) =>
    nested(values, from + row * size, from + (row + 1) * size, shape.slice(1)),
  );
  return `[${parts.join(',')}]`;
}

const digits = (value: number): string =>
  Number.isFinite(value) ? String(Number.isInteger(value) ? value : Number(value.toPrecision(9))) : 'null';
