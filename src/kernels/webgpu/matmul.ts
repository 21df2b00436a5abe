// Matrix products, dense and grouped by expert, in two variants: register tiles for the software adapter, which is slow at
// barriers, and tiles in workgroup memory for hardware.
import type { Tensor } from '@tensorflow/tfjs-core';
import { run, WORKGROUP, type Program } from './program';

/**
 * out(e, i, j) = Σ_k Σ_terms left(e, i, k) · right(e, k, j).
 * `grouping` says what e is: `none` 0 everywhere; `rows` the expert that owns row i of the sorted rows;
 * `inner` the expert of one output matrix, whose k runs over the sorted rows it owns. Grouped products have an input `offsets` [E + 1].
 */
export interface Product {
  readonly name: string;
  readonly grouping: 'none' | 'rows' | 'inner';
  /** WGSL expressions for the two factors. */
  readonly terms: readonly { readonly left: string; readonly right: string }[];
  /** The index along which neighbours in memory lie, for coalesced loads. */
  readonly leftAlong: 'i' | 'k';
  readonly rightAlong: 'j' | 'k';
}

export interface ProductLaunch {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly shape: number[];
  readonly rows: number;
  readonly columns: number;
  /** Length of k; unused when grouped by `inner`. */
  readonly inner: number;
  /** Experts; 1 when not grouped. */
  readonly groups: number;
  readonly ints?: Readonly<Record<string, number>>;
}

export type Matmul = (product: Product, launch: ProductLaunch) => Tensor;

/** Rows and columns of one thread's tile. */
const THREAD_TILE = 4;
/** Of one workgroup's: 8 × 8 threads. */
const GROUP_TILE = 32;
/** How much of k is in workgroup memory at a time. */
const SLAB = 16;
/** One more than the tile, so that a column's elements fall into different memory banks. */
const PITCH = GROUP_TILE + 1;

type MatmulConstants = { product: string };

const factors = (product: Product) =>
  product.terms
    .map(
      ({ left, right }, term) => `
fn left${term}(e: i32, i: i32, k: i32) -> f32 { return ${left}; }
fn right${term}(e: i32, k: i32, j: i32) -> f32 { return ${right}; }`,
    )
    .join('');

/** WGSL that turns the number `tile` into e, the rows i0 … iEnd − 1, the first column j0 and the range of k. No rows: nothing to do. */
function locate(product: Product, side: number): string {
  const head = `
  let across = (uniforms.columns + ${side - 1}) / ${side};
  let j0 = (tile % across) * ${side};
  var row = tile / across;
  var e = 0;
  var i0 = row * ${side};
  var iEnd = uniforms.rows;
  var kBegin = 0;
  var kEnd = uniforms.inner;`;
  if (product.grouping === 'rows') {
    return `${head}
  iEnd = 0;
  for (e = 0; e < uniforms.groups; e++) {
    let tiles = (offsets[e + 1] - offsets[e] + ${side - 1}) / ${side};
    if (row < tiles) {
      i0 = offsets[e] + row * ${side};
      iEnd = offsets[e + 1];
      break;
    }
    row -= tiles;
  }
  if (iEnd == 0) { i0 = 0; kEnd = 0; }`;
  }
  if (product.grouping === 'inner') {
    return `${head}
  let tilesDown = (uniforms.rows + ${side - 1}) / ${side};
  e = row / tilesDown;
  i0 = (row % tilesDown) * ${side};
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

const store = (product: Product, row: string, column: string) => `
  for (var r = 0; r < 4; r++) {
    for (var c = 0; c < 4; c++) {
      let i = ${row} + r;
      let j = ${column} + c;
      if (i < iEnd && j < uniforms.columns) { result[${product.grouping === 'inner' ? '(e * uniforms.rows + i)' : 'i'} * uniforms.columns + j] = sum[r][c]; }
    }
  }`;

/** How many tiles of `side` cover the output; grouped by rows an upper bound, since only the device knows the loads. */
function tileCount(product: Product, { rows, columns, groups }: ProductLaunch, side: number): number {
  const down = Math.ceil(rows / side);
  const across = Math.ceil(columns / side);
  if (product.grouping === 'rows') return (down + groups) * across;
  return down * across * (product.grouping === 'inner' ? groups : 1);
}

const registerProgram = (product: Product): Program<MatmulConstants> => ({
  name: 'RegisterMatmul',
  declarations: () => factors(product),
  body: () => `
  let tile = index;
  ${locate(product, THREAD_TILE)}
  if (i0 >= iEnd) { return; }
  let i = min(vec4<i32>(i0, i0 + 1, i0 + 2, i0 + 3), vec4<i32>(iEnd - 1));
  let j = min(vec4<i32>(j0, j0 + 1, j0 + 2, j0 + 3), vec4<i32>(uniforms.columns - 1));
  var sum0 = vec4<f32>(0.0);
  var sum1 = vec4<f32>(0.0);
  var sum2 = vec4<f32>(0.0);
  var sum3 = vec4<f32>(0.0);
  for (var k = kBegin; k < kEnd; k++) {
    ${product.terms
      .map(
        (_, term) => `{
      let b = vec4<f32>(right${term}(e, k, j.x), right${term}(e, k, j.y), right${term}(e, k, j.z), right${term}(e, k, j.w));
      sum0 += left${term}(e, i.x, k) * b;
      sum1 += left${term}(e, i.y, k) * b;
      sum2 += left${term}(e, i.z, k) * b;
      sum3 += left${term}(e, i.w, k) * b;
    }`,
      )
      .join('\n    ')}
  }
  let sum = array<vec4<f32>, 4>(sum0, sum1, sum2, sum3);
  ${store(product, 'i0', 'j0')}`,
});

/** The loop that fills one workgroup tile; `along` is the index that runs fastest over the threads. */
function fill(name: string, along: boolean, value: string, inside: string): string {
  return `
    for (var cell = local; cell < ${GROUP_TILE * SLAB}; cell += ${WORKGROUP}) {
      let inSlab = ${along ? `cell % ${SLAB}` : `cell / ${GROUP_TILE}`};
      let inTile = ${along ? `cell / ${SLAB}` : `cell % ${GROUP_TILE}`};
      let k = kBegin + slab * ${SLAB} + inSlab;
      var value = 0.0;
      if (k < kEnd && ${inside}) { value = ${value}; }
      ${name}[inSlab * ${PITCH} + inTile] = value;
    }`;
}

const tiledProgram = (product: Product): Program<MatmulConstants> => ({
  name: 'TiledMatmul',
  threads: 'together',
  declarations: () => `${factors(product)}
var<workgroup> leftTile: array<f32, ${SLAB * PITCH}>;
var<workgroup> rightTile: array<f32, ${SLAB * PITCH}>;
var<workgroup> slabCount: i32;`,
  body: () => `
  let local = index % ${WORKGROUP};
  let tile = index / ${WORKGROUP};
  ${locate(product, GROUP_TILE)}
  if (local == 0) { slabCount = (kEnd - kBegin + ${SLAB - 1}) / ${SLAB}; }
  let slabs = workgroupUniformLoad(&slabCount);
  let rowInTile = (local / 8) * ${THREAD_TILE};
  let columnInTile = (local % 8) * ${THREAD_TILE};
  var sum = array<vec4<f32>, 4>();
  for (var slab = 0; slab < slabs; slab++) {
    ${product.terms
      .map(
        (_, term) => `${fill('leftTile', product.leftAlong === 'k', `left${term}(e, i0 + inTile, k)`, 'i0 + inTile < iEnd')}
    ${fill('rightTile', product.rightAlong === 'k', `right${term}(e, k, j0 + inTile)`, 'j0 + inTile < uniforms.columns')}
    workgroupBarrier();
    for (var k = 0; k < ${SLAB}; k++) {
      let at = k * ${PITCH} + columnInTile;
      let b = vec4<f32>(rightTile[at], rightTile[at + 1], rightTile[at + 2], rightTile[at + 3]);
      for (var r = 0; r < 4; r++) { sum[r] += leftTile[k * ${PITCH} + rowInTile + r] * b; }
    }
    workgroupBarrier();`,
      )
      .join('\n    ')}
  }
  ${store(product, 'i0 + rowInTile', 'j0 + columnInTile')}`,
});

const launched =
  (program: (product: Product) => Program<MatmulConstants>, side: number, threadsPerTile: number): Matmul =>
  (product, launch) =>
    run(program(product), {
      inputs: launch.inputs,
      shape: launch.shape,
      constants: { product: product.name },
      ints: { rows: launch.rows, columns: launch.columns, inner: launch.inner, groups: launch.groups, ...launch.ints },
      threads: tileCount(product, launch, side) * threadsPerTile,
    });

/** Each thread keeps a 4 × 4 tile in registers; no thread waits for another. */
export const registerMatmul: Matmul = launched(registerProgram, THREAD_TILE, 1);

/** Each workgroup of 64 threads shares 32 × 32 tiles of both factors through its memory. */
export const tiledMatmul: Matmul = launched(tiledProgram, GROUP_TILE, WORKGROUP);
