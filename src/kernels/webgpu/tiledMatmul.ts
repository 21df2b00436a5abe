// Matrix products for a hardware adapter: each workgroup of 64 threads shares 32 × 32 tiles of both factors through its memory.
import {
  declarationsOf,
  epilogueOf,
  isPaired,
  locate,
  outputsOf,
  productInts,
  storeOf,
  tileCount,
  type Factor,
  type Matmul,
  type Product,
  type Term,
  type TileShape,
} from './product';
import { runMany, type Program } from './program';
import { WORKGROUP } from './text';

/** Rows and columns of one thread's tile; a workgroup's is 8 × 8 of them. */
const THREAD_TILE = 4;
const GROUP_TILE = 32;
/** How much of k is in workgroup memory at a time. */
const SLAB = 16;
/** One more than the tile, so that a column's elements fall into different memory banks. */
const PITCH = GROUP_TILE + 1;

/** Columns of one right factor in a workgroup's tile: half of it where there are two. */
const columnsOf = (product: Product): number => (isPaired(product) ? GROUP_TILE / 2 : GROUP_TILE);

const tileOf = (product: Product): TileShape => ({ rows: GROUP_TILE, columns: columnsOf(product), lanes: 1 });

/** One value of a factor, or 0 outside. */
const read = (side: string, { buffer, scale }: Factor, at: string, end: string) =>
  `if (k < kStop && ${at} < ${end}) { value = ${buffer}[${side}Line(e, ${at}) + ${side}Step(e, k)]${scale ? ` * ${scale}` : ''}; }`;

/** The loop that fills one workgroup tile with the values that `value` reads; `along` says that k runs fastest over the threads. */
const fill = (tile: string, along: boolean, value: string) => `
    for (var cell = local; cell < ${GROUP_TILE * SLAB}; cell += ${WORKGROUP}) {
      let inSlab = ${along ? `cell % ${SLAB}` : `cell / ${GROUP_TILE}`};
      let inTile = ${along ? `cell / ${SLAB}` : `cell % ${GROUP_TILE}`};
      let k = kBegin + slab * ${SLAB} + inSlab;
      var value = 0.0;
      ${value}
      ${tile}[inSlab * ${PITCH} + inTile] = value;
    }`;

/** Two right factors: of a thread's four columns the first two are of one, the last two of the other. */
const fillPaired = (side: string, right: Factor, beside: Factor) => `
      let at = j0 + (inTile / ${THREAD_TILE}) * 2 + inTile % 2;
      if (inTile % ${THREAD_TILE} < 2) { ${read(side, right, 'at', 'uniforms.columns')} }
      else { ${read(side, beside, 'at', 'uniforms.columns')} }`;

function loop({ leftAlong, rightAlong }: Product, { left, right, beside, inner }: Term, index: number): string {
  const rightValue = beside
    ? fillPaired(`right${index}`, right, beside)
    : `let at = j0 + inTile; ${read(`right${index}`, right, 'at', 'uniforms.columns')}`;
  return `{
  let kStop = ${inner ?? 'kEnd'};
  if (local == 0) { slabCount = (kStop - kBegin + ${SLAB - 1}) / ${SLAB}; }
  let slabs = workgroupUniformLoad(&slabCount);
  for (var slab = 0; slab < slabs; slab++) {
    ${fill('leftTile', leftAlong === 'k', `let at = i0 + inTile; ${read(`left${index}`, left, 'at', 'iEnd')}`)}
    ${fill('rightTile', rightAlong === 'k', rightValue)}
    workgroupBarrier();
    for (var k = 0; k < ${SLAB}; k++) {
      let at = k * ${PITCH} + columnInTile;
      let b = vec4<f32>(rightTile[at], rightTile[at + 1], rightTile[at + 2], rightTile[at + 3]);
      for (var r = 0; r < 4; r++) { sums[r] += leftTile[k * ${PITCH} + rowInTile + r] * b; }
    }
    workgroupBarrier();
  }
  }`;
}

const store = (product: Product) =>
  isPaired(product)
    ? `for (var c = 0; c < 2; c++) {
      let i = i0 + rowInTile + r;
      let j = j0 + columnInTile / 2 + c;
      if (i >= iEnd || j >= uniforms.columns) { continue; }
      let sum = sums[r][c];
      let other = sums[r][2 + c];${storeOf(product)}
    }`
    : `for (var c = 0; c < 4; c++) {
      let i = i0 + rowInTile + r;
      let j = j0 + columnInTile + c;
      if (i >= iEnd || j >= uniforms.columns) { continue; }
      let sum = sums[r][c];${storeOf(product)}
    }`;

const tiledProgram = (product: Product): Program<{ product: string }> => ({
  name: 'TiledMatmul',
  threads: 'together',
  declarations: () => `${declarationsOf(product)}
var<workgroup> leftTile: array<f32, ${SLAB * PITCH}>;
var<workgroup> rightTile: array<f32, ${SLAB * PITCH}>;
var<workgroup> slabCount: i32;`,
  body: () => `
  let local = index % ${WORKGROUP};
  let tile = index / ${WORKGROUP};
  ${locate(product, tileOf(product))}
  let rowInTile = (local / 8) * ${THREAD_TILE};
  let columnInTile = (local % 8) * ${THREAD_TILE};
  var sums = array<vec4<f32>, 4>();
  ${product.terms.map((term, index) => loop(product, term, index)).join('\n  ')}
  for (var r = 0; r < 4; r++) {
    ${store(product)}
  }`,
});

/** Bits never depend on timing: a thread adds in the order of k. */
export const tiledMatmul: Matmul = (product, launch) => {
  const outputs = runMany(tiledProgram(product), {
    inputs: launch.inputs,
    outputs: outputsOf(product, launch),
    constants: { product: product.name },
    ints: productInts(launch),
    threads: tileCount(product, launch, tileOf(product)) * WORKGROUP,
  });
  return epilogueOf(product).outputs.map((name) => outputs[name]!);
};
