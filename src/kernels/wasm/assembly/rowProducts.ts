// One row against many, where they lie: the products that decoding is made of. Panels (gemm.ts) pay only when several rows share them.
import { at } from './layout';
import { fma4, four } from './math';

/**
 * out[r] (+)= x · row r, for `count` rows of K values that stand `step` floats apart. Each sum runs in the order of its terms.
 * Eight rows at a time, turned in registers: two sums of four lanes, so that one is added to while the other waits.
 */
export function rowProducts(x: usize, rows: usize, step: i32, count: i32, K: i32, add: bool, out: usize): void {
  const bytes = (<usize>step) << 2;
  let r = 0;
  for (; r + 8 <= count; r += 8) eightRows(x, at(rows, r * step), bytes, K, add, at(out, r));
  if (r + 4 <= count) {
    fourRows(x, at(rows, r * step), bytes, K, add, at(out, r));
    r += 4;
  }
  for (; r < count; r++) {
    const row = at(rows, r * step);
    let sum: f32 = 0;
    for (let k = 0; k < K; k++) sum += load<f32>(at(x, k)) * load<f32>(at(row, k));
    const to = at(out, r);
    store<f32>(to, add ? load<f32>(to) + sum : sum);
  }
}

function put(to: usize, sums: v128, add: bool): void {
  v128.store(to, add ? f32x4.add(v128.load(to), sums) : sums);
}

/** Value k of four rows. */
function column(p: usize, step: usize): v128 {
  let values = v128.load32_zero(p);
  values = v128.load_lane<f32>(p + step, values, 1);
  values = v128.load_lane<f32>(p + 2 * step, values, 2);
  return v128.load_lane<f32>(p + 3 * step, values, 3);
}

function eightRows(x: usize, p: usize, step: usize, K: i32, add: bool, out: usize): void {
  let low = four(0);
  let high = four(0);
  let q = p + 4 * step;
  let k = 0;
  for (; k + 4 <= K; k += 4) {
    const p0 = v128.load(p);
    const p1 = v128.load(p + step);
    const p2 = v128.load(p + 2 * step);
    const p3 = v128.load(p + 3 * step);
    const q0 = v128.load(q);
    const q1 = v128.load(q + step);
    const q2 = v128.load(q + 2 * step);
    const q3 = v128.load(q + 3 * step);
    const pLow01 = i32x4.shuffle(p0, p1, 0, 4, 1, 5);
    const pLow23 = i32x4.shuffle(p2, p3, 0, 4, 1, 5);
    const qLow01 = i32x4.shuffle(q0, q1, 0, 4, 1, 5);
    const qLow23 = i32x4.shuffle(q2, q3, 0, 4, 1, 5);
    const x0 = v128.load32_splat(x);
    low = fma4(x0, i64x2.shuffle(pLow01, pLow23, 0, 2), low);
    high = fma4(x0, i64x2.shuffle(qLow01, qLow23, 0, 2), high);
    const x1 = v128.load32_splat(x, 4);
    low = fma4(x1, i64x2.shuffle(pLow01, pLow23, 1, 3), low);
    high = fma4(x1, i64x2.shuffle(qLow01, qLow23, 1, 3), high);
    const pHigh01 = i32x4.shuffle(p0, p1, 2, 6, 3, 7);
    const pHigh23 = i32x4.shuffle(p2, p3, 2, 6, 3, 7);
    const qHigh01 = i32x4.shuffle(q0, q1, 2, 6, 3, 7);
    const qHigh23 = i32x4.shuffle(q2, q3, 2, 6, 3, 7);
    const x2 = v128.load32_splat(x, 8);
    low = fma4(x2, i64x2.shuffle(pHigh01, pHigh23, 0, 2), low);
    high = fma4(x2, i64x2.shuffle(qHigh01, qHigh23, 0, 2), high);
    const x3 = v128.load32_splat(x, 12);
    low = fma4(x3, i64x2.shuffle(pHigh01, pHigh23, 1, 3), low);
    high = fma4(x3, i64x2.shuffle(qHigh01, qHigh23, 1, 3), high);
    p += 16;
    q += 16;
    x += 16;
  }
  for (; k < K; k++) {
    const value = v128.load32_splat(x);
    low = fma4(value, column(p, step), low);
    high = fma4(value, column(q, step), high);
    p += 4;
    q += 4;
    x += 4;
  }
  put(out, low, add);
  put(out + 16, high, add);
}

function fourRows(x: usize, p: usize, step: usize, K: i32, add: bool, out: usize): void {
  let sums = four(0);
  for (let k = 0; k < K; k++) {
    sums = fma4(v128.load32_splat(x), column(p, step), sums);
    p += 4;
    x += 4;
  }
  put(out, sums, add);
}
