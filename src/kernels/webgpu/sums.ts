// Sums over many rows in a fixed order and one dispatch: the threads of a workgroup share the rows, then one of them adds up their sums.
import type { Tensor } from '@tensorflow/tfjs-core';
import { run, type Program } from './program';
import { WORKGROUP } from './text';

/** Neighbouring columns that a workgroup sums, where there are so many. */
const COLUMNS = 8;

type SumConstants = { value: string; functions: string; columns: number };

const columnSums: Program<SumConstants> = {
  name: 'ColumnSums',
  threads: 'together',
  declarations: ({ functions, value }) => `${functions}
fn valueAt(n: i32, c: i32) -> f32 { return ${value}; }
var<workgroup> shares: array<f32, ${WORKGROUP}>;`,
  body: ({ columns }) => `
  let local = index % ${WORKGROUP};
  let c = (index / ${WORKGROUP}) * ${columns} + local % ${columns};
  var sum = 0.0;
  if (c < uniforms.columns) {
    for (var n = local / ${columns}; n < uniforms.rows; n += ${WORKGROUP / columns}) { sum += valueAt(n, c); }
  }
  shares[local] = sum;
  workgroupBarrier();
  if (local < ${columns} && c < uniforms.columns) {
    var total = 0.0;
    for (var share = local; share < ${WORKGROUP}; share += ${columns}) { total += shares[share]; }
    result[c] = total;
  }`,
};

/**
 * Σ_n value(n, c) for each column c, [columns]. One dispatch; the order of the additions depends on the number of rows alone.
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
  const side = columns < COLUMNS ? 1 : COLUMNS;
  return run(columnSums, {
    inputs,
    shape: [columns],
    constants: { value, functions, columns: side },
    ints: { rows, columns, ...ints },
    threads: Math.ceil(columns / side) * WORKGROUP,
  });
}
