// Matrix products for a hardware adapter: each workgroup of 64 threads shares 32 × 32 tiles of both factors through its memory.
import { factorFunctions, locate, outputPlace, productInts, tileCount, type Factor, type Matmul, type Product } from './product';
import { run, WORKGROUP, type Program } from './program';

/** Rows and columns of one thread's tile; a workgroup's is 8 × 8 of them. */
const THREAD_TILE = 4;
const GROUP_TILE = 32;
/** How much of k is in workgroup memory at a time. */
const SLAB = 16;
/** One more than the tile, so that a column's elements fall into different memory banks. */
const PITCH = GROUP_TILE + 1;

/** The loop that fills one workgroup tile; `along` is the index that runs fastest over the threads. */
function fill(tile: string, name: string, { buffer, scale }: Factor, along: boolean, at: string, end: string): string {
  return `
    for (var cell = local; cell < ${GROUP_TILE * SLAB}; cell += ${WORKGROUP}) {
      let inSlab = ${along ? `cell % ${SLAB}` : `cell / ${GROUP_TILE}`};
      let inTile = ${along ? `cell / ${SLAB}` : `cell % ${GROUP_TILE}`};
      let k = kBegin + slab * ${SLAB} + inSlab;
      let at = ${at} + inTile;
      var value = 0.0;
      if (k < kEnd && at < ${end}) { value = ${buffer}[${name}Line(e, at) + ${name}Step(e, k)]${scale ? ` * ${scale}` : ''}; }
      ${tile}[inSlab * ${PITCH} + inTile] = value;
    }`;
}

const tiledProgram = (product: Product): Program<{ product: string }> => ({
  name: 'TiledMatmul',
  threads: 'together',
  declarations: () => `${product.terms
    .map(({ left, right }, index) => factorFunctions(`left${index}`, left) + factorFunctions(`right${index}`, right))
    .join('')}
var<workgroup> leftTile: array<f32, ${SLAB * PITCH}>;
var<workgroup> rightTile: array<f32, ${SLAB * PITCH}>;
var<workgroup> slabCount: i32;`,
  body: () => `
  let local = index % ${WORKGROUP};
  let tile = index / ${WORKGROUP};
  ${locate(product, GROUP_TILE, GROUP_TILE)}
  if (local == 0) { slabCount = (kEnd - kBegin + ${SLAB - 1}) / ${SLAB}; }
  let slabs = workgroupUniformLoad(&slabCount);
  let rowInTile = (local / 8) * ${THREAD_TILE};
  let columnInTile = (local % 8) * ${THREAD_TILE};
  var sum = array<vec4<f32>, 4>();
  for (var slab = 0; slab < slabs; slab++) {
    ${product.terms
      .map(
        ({ left, right }, index) => `${fill('leftTile', `left${index}`, left, product.leftAlong === 'k', 'i0', 'iEnd')}
    ${fill('rightTile', `right${index}`, right, product.rightAlong === 'k', 'j0', 'uniforms.columns')}
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
  for (var r = 0; r < 4; r++) {
    for (var c = 0; c < 4; c++) {
      let i = i0 + rowInTile + r;
      let j = j0 + columnInTile + c;
      if (i < iEnd && j < uniforms.columns) { result[${outputPlace(product, 'i', 'j')}] = sum[r][c]; }
    }
  }`,
});

/** Bits never depend on timing: a thread adds in the order of k. */
export const tiledMatmul: Matmul = (product, launch) =>
  run(tiledProgram(product), {
    inputs: launch.inputs,
    shape: launch.shape,
    constants: { product: product.name },
    ints: productInts(launch),
    threads: tileCount(product, launch, GROUP_TILE, GROUP_TILE) * WORKGROUP,
  });
