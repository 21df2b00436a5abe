// The innermost product: a tile of four rows and eight columns, whose eight sums stay in registers. Each value of A stands ready four times
// (`spread`), so that a term costs six loads at fixed offsets from two addresses; reading A through four addresses of its own costs a sixth more.
import { at, bytes } from './layout';
import { COLUMNS } from './panels';

/** Rows of a tile. Five would be faster still where a compiler keeps all ten sums in registers, and a third slower where it does not. */
export const ROWS: i32 = 4;
const LANES: i32 = 4;

/** Floats of working memory a tile of K terms needs: its rows, spread, and a tile that lies partly outside C. */
export function tileWork(K: i32): i32 {
  return ROWS * (LANES * K + COLUMNS);
}

/** Lays out [k][row][4 copies]. Element (i, k) stands at i·rowStep + k·kStep floats; rows from `rows` on read row 0: their results are thrown away. */
export function spread(a: usize, rowStep: i32, kStep: i32, rows: i32, K: i32, out: usize): void {
  const step = bytes(kStep);
  let p0 = a;
  let p1 = at(a, rows > 1 ? rowStep : 0);
  let p2 = at(a, rows > 2 ? 2 * rowStep : 0);
  let p3 = at(a, rows > 3 ? 3 * rowStep : 0);
  for (const end = at(out, K * ROWS * LANES); out < end; out += <usize>(ROWS * LANES * 4)) {
    v128.store(out, v128.load32_splat(p0));
    v128.store(out, v128.load32_splat(p1), 16);
    v128.store(out, v128.load32_splat(p2), 32);
    v128.store(out, v128.load32_splat(p3), 48);
    p0 += step;
    p1 += step;
    p2 += step;
    p3 += step;
  }
}

function put(c: usize, low: v128, high: v128, add: bool): void {
  v128.store(c, add ? f32x4.add(v128.load(c), low) : low);
  v128.store(c, add ? f32x4.add(v128.load(c, 16), high) : high, 16);
}

/** Adds or copies the part of a tile that lies inside C. */
function putPart(c: usize, cRow: usize, tile: usize, rows: i32, columns: i32, add: bool): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const value = load<f32>(at(tile, i * COLUMNS + j));
      const to = at(c + <usize>i * cRow, j);
      store<f32>(to, add ? load<f32>(to) + value : value);
    }
  }
}

/**
 * C (+)= spread rows · panel, over K terms in their order; C's rows stand `cRow` bytes apart.
 * `rows` and `columns` say how much of the tile lies inside C; `spare` holds a tile that does not.
 */
export function tile(
  a: usize,
  panel: usize,
  K: i32,
  c: usize,
  cRow: usize,
  rows: i32,
  columns: i32,
  add: bool,
  spare: usize,
): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  for (const end = at(panel, K * COLUMNS); panel < end; panel += <usize>(COLUMNS * 4)) {
    const b0 = v128.load(panel);
    const b1 = v128.load(panel, 16);
    const a0 = v128.load(a);
    c00 = f32x4.add(c00, f32x4.mul(a0, b0));
    c01 = f32x4.add(c01, f32x4.mul(a0, b1));
    const a1 = v128.load(a, 16);
    c10 = f32x4.add(c10, f32x4.mul(a1, b0));
    c11 = f32x4.add(c11, f32x4.mul(a1, b1));
    const a2 = v128.load(a, 32);
    c20 = f32x4.add(c20, f32x4.mul(a2, b0));
    c21 = f32x4.add(c21, f32x4.mul(a2, b1));
    const a3 = v128.load(a, 48);
    c30 = f32x4.add(c30, f32x4.mul(a3, b0));
    c31 = f32x4.add(c31, f32x4.mul(a3, b1));
    a += <usize>(ROWS * LANES * 4);
  }
  const whole = rows == ROWS && columns == COLUMNS;
  const adding = whole && add;
  const step = whole ? cRow : bytes(COLUMNS);
  const to = whole ? c : spare;
  put(to, c00, c01, adding);
  put(to + step, c10, c11, adding);
  put(to + 2 * step, c20, c21, adding);
  put(to + 3 * step, c30, c31, adding);
  if (!whole) putPart(c, cRow, spare, rows, columns, add);
}
