// Matrix products for an adapter that is slow at barriers and at loads, as the software adapter is: each thread keeps a tile of
// 8 × 8 sums to itself (or of 8 × 4 with two right factors), 16 loads for 64 products, and waits for nobody.
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

const SIDE = 8;
const HALF = 4;
const EIGHT = [0, 1, 2, 3, 4, 5, 6, 7] as const;

const each = (text: (n: number) => string, separator = '\n  ') => EIGHT.map(text).join(separator);
const columnsOf = (product: Product): number => (isPaired(product) ? HALF : SIDE);
/** Neighbouring threads, which the software adapter runs as one, find their columns side by side: it moves those in one go. */
const LANES = 4;
const tileOf = (product: Product): TileShape => ({ rows: SIDE, columns: columnsOf(product), lanes: LANES });

/** Element `n` of the tile's edge; edges beyond the matrix read its last line again, and are not stored. */
const element = (side: string, { buffer }: Factor, n: number) => `${buffer}[${side}Line${n} + ${side}Step]`;

/** One term's loop over k. The second right factor stands in for the right half of the tile. */
function loop({ left, right, beside, inner }: Term, index: number): string {
  const ofColumn = (n: number) => (beside && n >= HALF ? beside : right);
  const column = (n: number) => (beside ? n % HALF : n);
  const half = (first: number) =>
    `vec4<f32>(${[0, 1, 2, 3].map((n) => element('right', ofColumn(first + n), first + n)).join(', ')})`;
  return `{
  ${each((n) => `let leftLine${n} = left${index}Line(e, min(i0 + ${n}, iEnd - 1));`)}
  ${each((n) => `let rightLine${n} = right${index}Line(e, min(j0 + ${column(n) * LANES}, uniforms.columns - 1));`)}
  for (var k = kBegin; k < ${inner ?? 'kEnd'}; k++) {
    let leftStep = left${index}Step(e, k);
    let rightStep = right${index}Step(e, k);
    ${left.scale ? `let scale = ${left.scale};` : ''}
    let low = ${half(0)}${left.scale ? ' * scale' : ''};
    let high = ${half(HALF)}${left.scale ? ' * scale' : ''};
    ${each((n) => `{ let a = ${element('left', left, n)}; low${n} += a * low; high${n} += a * high; }`, '\n    ')}
  }
  }`;
}

const registerProgram = (product: Product): Program<{ product: string }> => ({
  name: 'RegisterMatmul',
  declarations: () => declarationsOf(product),
  body: () => `
  let tile = index;
  ${locate(product, tileOf(product))}
  if (i0 >= iEnd || j0 >= uniforms.columns) { return; }
  ${each((n) => `var low${n} = vec4<f32>(); var high${n} = vec4<f32>();`)}
  ${product.terms.map(loop).join('\n  ')}
  var sums = array<vec4<f32>, ${2 * SIDE}>(${each((n) => `low${n}, high${n}`, ', ')});
  for (var r = 0; r < ${SIDE}; r++) {
    let i = i0 + r;
    if (i >= iEnd) { break; }
    for (var c = 0; c < ${columnsOf(product)}; c++) {
      let j = j0 + c * ${LANES};
      if (j >= uniforms.columns) { break; }
      let sum = sums[2 * r + c / ${HALF}][c % ${HALF}];
      ${isPaired(product) ? 'let other = sums[2 * r + 1][c];' : ''}${storeOf(product)}
    }
  }`,
});

/** Bits never depend on timing: a thread adds in the order of k. */
export const registerMatmul: Matmul = (product, launch) => {
  const outputs = runMany(registerProgram(product), {
    inputs: launch.inputs,
    outputs: outputsOf(product, launch),
    constants: { product: product.name },
    ints: productInts(launch),
    threads: tileCount(product, launch, tileOf(product)),
  });
  return epilogueOf(product).outputs.map((name) => outputs[name]!);
};
