// Matrix products for an adapter that is slow at barriers and at loads, as the software adapter is: each thread keeps a tile of
// 8 × 8 sums to itself, 16 loads for 64 products, and waits for nobody.
import { factorFunctions, locate, outputPlace, productInts, tileCount, type Factor, type Matmul, type Product } from './product';
import { run, type Program } from './program';

const SIDE = 8;
const EIGHT = [0, 1, 2, 3, 4, 5, 6, 7] as const;

const each = (text: (n: number) => string, separator = '\n  ') => EIGHT.map(text).join(separator);

/** Element `n` of the tile's edge; edges beyond the matrix read its last line again, and are not stored. */
const element = (name: string, { buffer }: Factor, n: number) => `${buffer}[${name}Line${n} + ${name}Step]`;

function term({ left, right }: Product['terms'][number], index: number): string {
  const rightHalf = (first: number) =>
    `vec4<f32>(${[0, 1, 2, 3].map((n) => element(`right${index}`, right, first + n)).join(', ')})`;
  return `{
    let left${index}Step = left${index}Step(e, k);
    let right${index}Step = right${index}Step(e, k);
    ${left.scale ? `let scale = ${left.scale};` : ''}
    let low = ${rightHalf(0)}${left.scale ? ' * scale' : ''};
    let high = ${rightHalf(4)}${left.scale ? ' * scale' : ''};
    ${each((n) => `{ let a = ${element(`left${index}`, left, n)}; low${n} += a * low; high${n} += a * high; }`, '\n    ')}
  }`;
}

const registerProgram = (product: Product): Program<{ product: string }> => ({
  name: 'RegisterMatmul',
  declarations: () =>
    product.terms
      .map(({ left, right }, index) => factorFunctions(`left${index}`, left) + factorFunctions(`right${index}`, right))
      .join(''),
  body: () => `
  let tile = index;
  ${locate(product, SIDE, SIDE)}
  if (i0 >= iEnd) { return; }
  ${product.terms
    .map(
      (_, index) => `
  ${each((n) => `let left${index}Line${n} = left${index}Line(e, min(i0 + ${n}, iEnd - 1));`)}
  ${each((n) => `let right${index}Line${n} = right${index}Line(e, min(j0 + ${n}, uniforms.columns - 1));`)}`,
    )
    .join('')}
  ${each((n) => `var low${n} = vec4<f32>(); var high${n} = vec4<f32>();`)}
  for (var k = kBegin; k < kEnd; k++) {
    ${product.terms.map(term).join('\n    ')}
  }
  let columns = min(uniforms.columns - j0, ${SIDE});
  ${each(
    (n) => `if (i0 + ${n} < iEnd) {
    let at = ${outputPlace(product, `(i0 + ${n})`, 'j0')};
    ${each((c) => `${c === 0 ? '' : `if (${c} < columns) { `}result[at + ${c}] = ${c < 4 ? 'low' : 'high'}${n}[${c % 4}];${c === 0 ? '' : ' }'}`, ' ')}
  }`,
  )}`,
});

/** Bits never depend on timing: a thread adds in the order of k. */
export const registerMatmul: Matmul = (product, launch) =>
  run(registerProgram(product), {
    inputs: launch.inputs,
    shape: launch.shape,
    constants: { product: product.name },
    ints: productInts(launch),
    threads: tileCount(product, launch, SIDE, SIDE),
  });
