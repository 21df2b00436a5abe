// Sums over many rows in a fixed order: chunks first, then the chunks' sums, so that the result never depends on timing.
import type { Tensor } from '@tensorflow/tfjs-core';
import { run, type Program } from './program';

/** Enough threads to fill a GPU, few enough for one thread to add up their sums. */
function chunksFor(rows: number, columns: number): number {
  return Math.max(1, Math.min(Math.ceil(rows / 16), Math.max(32, Math.floor(8192 / columns)), 512));
}

type SumConstants = { value: string; functions: string };

const partialSums: Program<SumConstants> = {
  name: 'PartialSums',
  declarations: ({ functions, value }) => `${functions}
fn valueAt(n: i32, c: i32) -> f32 { return ${value}; }`,
  body: () => `
  let c = index % uniforms.columns;
  var sum = 0.0;
  for (var n = index / uniforms.columns; n < uniforms.rows; n += uniforms.chunks) { sum += valueAt(n, c); }
  result[index] = sum;`,
};

/**
 * Σ_n value(n, c) for each column c, [columns].
 * @param value WGSL expression in n and c over `inputs`, `uniforms` (`ints`) and `functions`
 */
export function sumRows(source: {
  readonly value: string;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly rows: number;
  readonly columns: number;
  readonly functions?: string;
  readonly ints?: Readonly<Record<string, number>>;
}): Tensor {
  const { value, inputs, rows, columns, functions = '', ints } = source;
  const chunks = chunksFor(rows, columns);
  const partial = run(partialSums, {
    inputs,
    shape: [chunks * columns],
    constants: { value, functions },
    ints: { rows, columns, chunks, ...ints },
  });
  if (chunks === 1) return partial;
  return run(partialSums, {
    inputs: { partial },
    shape: [columns],
    constants: { value: 'partial[n * uniforms.columns + c]', functions: '' },
    ints: { rows: chunks, columns, chunks: 1 },
  });
}
