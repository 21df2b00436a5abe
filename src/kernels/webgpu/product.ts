// What a matrix product reads and where, shared by every way of computing it.
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * Where a factor lies: element (row or column, k) is `buffer[line + step]`, times `scale`.
 * `line` may depend on e and `at` (a row i of the left factor, a column j of the right one), `step` and `scale` on e and k only,
 * so that both are worked out once and not for each product. WGSL expressions.
 */
export interface Factor {
  readonly buffer: string;
  readonly line: string;
  readonly step: string;
  readonly scale?: string;
}

/** Σ_k left(e, i, k) · right(e, k, j), and with a second right factor `beside` at the same time Σ_k left(e, i, k) · beside(e, k, j). */
export interface Term {
  readonly left: Factor;
  readonly right: Factor;
  /** Lies as `right` does, in another buffer. */
  readonly beside?: Factor;
  /** Length of this term's k, WGSL; left out: the launch's. */
  readonly inner?: string;
}

/** What becomes of the sums of the terms at (i, j). */
export interface Epilogue {
  readonly outputs: readonly string[];
  /** WGSL statements: from `sum`, `other` (of the second right factors), `e`, `i` and `j` into the outputs at `place`. */
  readonly store: string;
  readonly functions?: string;
}

/**
 * sum(e, i, j) = Σ_terms Σ_k left(e, i, k) · right(e, k, j), the terms one after the other.
 * `grouping` says what e is: `none` 0 everywhere; `rows` the expert that owns row i of the sorted rows;
 * `inner` the expert of one output matrix, whose k runs over the sorted rows it owns. Grouped products have an input `offsets` [E + 1].
 */
export interface Product {
  readonly name: string;
  readonly grouping: 'none' | 'rows' | 'inner';
  /** All of them have a second right factor, or none. */
  readonly terms: readonly Term[];
  /** The index along which neighbours in memory lie, for coalesced loads. */
  readonly leftAlong: 'i' | 'k';
  readonly rightAlong: 'j' | 'k';
  /** Left out: the sum is the one output. */
  readonly epilogue?: Epilogue;
}

export interface ProductLaunch {
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** Of every output. */
  readonly shape: number[];
  readonly rows: number;
  readonly columns: number;
  /** Length of k; unused when grouped by `inner`. */
  readonly inner: number;
  /** Experts; 1 when not grouped. */
  readonly groups: number;
  readonly ints?: Readonly<Record<string, number>>;
}

/** @returns the outputs of the product's epilogue, in their order */
export type Matmul = (product: Product, launch: ProductLaunch) => Tensor[];

export const isPaired = ({ terms }: Product): boolean => terms[0]!.beside !== undefined;

const PLAIN: Epilogue = { outputs: ['result'], store: 'result[place] = sum;' };
export const epilogueOf = ({ epilogue }: Product): Epilogue => epilogue ?? PLAIN;

/** WGSL before the product's body. */
export const declarationsOf = (product: Product): string =>
  product.terms
    .map(({ left, right }, index) => factorFunctions(`left${index}`, left) + factorFunctions(`right${index}`, right))
    .join('') + (epilogueOf(product).functions ?? '');

/** WGSL functions `<name>Line(e, at)` and `<name>Step(e, k)`. */
const factorFunctions = (name: string, { line, step }: Factor): string => `
fn ${name}Line(e: i32, at: i32) -> i32 { return ${line}; }
fn ${name}Step(e: i32, k: i32) -> i32 { return ${step}; }`;

/** Rows and columns of a tile; `lanes` tiles that follow each other take turns at the columns they cover together: every `lanes`-th is one's own. */
export interface TileShape {
  readonly rows: number;
  readonly columns: number;
  readonly lanes: number;
}

/** WGSL that turns the number `tile` into e, the rows i0 … iEnd − 1, the first column j0 and the range of k. No rows: nothing to do. */
export function locate({ grouping }: Product, { rows: rowsOfTile, columns: columnsOfTile, lanes }: TileShape): string {
  const covered = columnsOfTile * lanes;
  const head = `
  let across = ((uniforms.columns + ${covered - 1}) / ${covered}) * ${lanes};
  let j0 = ((tile % across) / ${lanes}) * ${covered} + tile % ${lanes};
  var row = tile / across;
  var e = 0;
  var i0 = row * ${rowsOfTile};
  var iEnd = uniforms.rows;
  var kBegin = 0;
  var kEnd = uniforms.inner;`;
  if (grouping === 'rows') {
    return `${head}
  iEnd = 0;
  for (e = 0; e < uniforms.groups; e++) {
    let tiles = (offsets[e + 1] - offsets[e] + ${rowsOfTile - 1}) / ${rowsOfTile};
    if (row < tiles) {
      i0 = offsets[e] + row * ${rowsOfTile};
      iEnd = offsets[e + 1];
      break;
    }
    row -= tiles;
  }
  if (iEnd == 0) { i0 = 0; kEnd = 0; }`;
  }
  if (grouping === 'inner') {
    return `${head}
  let tilesDown = (uniforms.rows + ${rowsOfTile - 1}) / ${rowsOfTile};
  e = row / tilesDown;
  i0 = (row % tilesDown) * ${rowsOfTile};
  if (e < uniforms.groups) {
    kBegin = offsets[e];
    kEnd = offsets[e + 1];
  } else {
    iEnd = 0;
    kEnd = 0;
  }`;
  }
  return head;
}

/** WGSL that stores the sums at (i, j). */
export const storeOf = (product: Product): string => `
      let place = ${product.grouping === 'inner' ? '(e * uniforms.rows + i)' : 'i'} * uniforms.columns + j;
      ${epilogueOf(product).store}`;

/** The outputs as a program launches them. */
export const outputsOf = (product: Product, { shape }: ProductLaunch) =>
  Object.fromEntries(epilogueOf(product).outputs.map((name) => [name, { shape }]));

/** How many tiles cover the output; grouped by rows an upper bound, since only the device knows the loads. */
export function tileCount({ grouping }: Product, { rows, columns, groups }: ProductLaunch, tile: TileShape): number {
  const down = Math.ceil(rows / tile.rows);
  const across = Math.ceil(columns / (tile.columns * tile.lanes)) * tile.lanes;
  if (grouping === 'rows') return (down + groups) * across;
  return down * across * (grouping === 'inner' ? groups : 1);
}

/** Uniforms of every product. */
export const productInts = ({ rows, columns, inner, groups, ints }: ProductLaunch) => ({ rows, columns, inner, groups, ...ints });
