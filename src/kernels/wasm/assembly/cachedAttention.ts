// Attention of new tokens over a cache of keys and values. Every sum runs in the order of the full pass (attention.ts), so decoding has its very bits.
import { attention, attentionWork } from './attention';
import { at } from './gemm';
import { four, fma4 } from './math';
import { exponentials, largest, scale } from './rows';

/** From this many tokens on, a text's first pass goes in blocks. */
const BLOCK_WORTHY: i32 = 8;

/** Bytes of working memory. */
export function cachedAttentionWork(n: i32, start: i32, H: i32, D: i32): usize {
  const logits = (<usize>(start + n)) << 2;
  const statistics = (<usize>(2 * n * H)) << 2;
  return max(logits, statistics + attentionWork(n, D));
}

/** q and o [n, H·D], k and v [n, G·D] with G key heads, cache [capacity, 2·G·D]: keys of all heads, then values. k and v go into rows start … of the cache. */
export function cachedAttention(
  q: usize,
  k: usize,
  v: usize,
  cache: usize,
  o: usize,
  n: i32,
  start: i32,
  H: i32,
  G: i32,
  D: i32,
  work: usize,
): void {
  const width = G * D;
  for (let i = 0; i < n; i++) {
    const row = at(cache, (start + i) * 2 * width);
    memory.copy(row, at(k, i * width), (<usize>width) << 2);
    memory.copy(at(row, width), at(v, i * width), (<usize>width) << 2);
  }
  if (start == 0 && n >= BLOCK_WORTHY) {
    attention(q, k, v, o, work, 1, n, H, G, D, at(work, 2 * n * H));
    return;
  }
  const slope: f32 = 1 / sqrt<f32>(<f32>D);
  for (let i = 0; i < n; i++) {
    const count = start + i + 1;
    for (let h = 0; h < H; h++) {
      const keys = at(cache, (h / (H / G)) * D);
      const mine = (i * H + h) * D;
      products(at(q, mine), keys, 2 * width, count, D, work);
      const total = exponentials(work, work, slope, largest(work, count) * slope, 1, count);
      scale(work, 1 / total, count);
      weighted(work, at(keys, width), 2 * width, count, D, at(o, mine));
    }
  }
}

/** out[s] = x · row s, for `count` rows of D that stand `step` apart; four rows at a time, turned in registers. */
function products(x: usize, rows: usize, step: i32, count: i32, D: i32, out: usize): void {
  const bytes = (<usize>step) << 2;
  let s = 0;
  for (; s + 4 <= count; s += 4) {
    const p0 = at(rows, s * step);
    const p1 = p0 + bytes;
    const p2 = p1 + bytes;
    const p3 = p2 + bytes;
    let sums = four(0);
    let d = 0;
    for (; d + 4 <= D; d += 4) {
      const r0 = v128.load(at(p0, d));
      const r1 = v128.load(at(p1, d));
      const r2 = v128.load(at(p2, d));
      const r3 = v128.load(at(p3, d));
      const low01 = i32x4.shuffle(r0, r1, 0, 4, 1, 5);
      const low23 = i32x4.shuffle(r2, r3, 0, 4, 1, 5);
      const high01 = i32x4.shuffle(r0, r1, 2, 6, 3, 7);
      const high23 = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
      sums = fma4(v128.load32_splat(at(x, d)), i64x2.shuffle(low01, low23, 0, 2), sums);
      sums = fma4(v128.load32_splat(at(x, d + 1)), i64x2.shuffle(low01, low23, 1, 3), sums);
      sums = fma4(v128.load32_splat(at(x, d + 2)), i64x2.shuffle(high01, high23, 0, 2), sums);
      sums = fma4(v128.load32_splat(at(x, d + 3)), i64x2.shuffle(high01, high23, 1, 3), sums);
    }
    for (; d < D; d++) {
      let column = v128.load32_zero(at(p0, d));
      column = v128.load_lane<f32>(at(p1, d), column, 1);
      column = v128.load_lane<f32>(at(p2, d), column, 2);
      column = v128.load_lane<f32>(at(p3, d), column, 3);
      sums = fma4(v128.load32_splat(at(x, d)), column, sums);
    }
    v128.store(at(out, s), sums);
  }
  for (; s < count; s++) {
    const row = at(rows, s * step);
    let sum: f32 = 0;
    for (let d = 0; d < D; d++) sum += load<f32>(at(x, d)) * load<f32>(at(row, d));
    store<f32>(at(out, s), sum);
  }
}

/** out = Σ_s weights[s] · row s, for `count` rows of D that stand `step` apart. */
function weighted(weights: usize, rows: usize, step: i32, count: i32, D: i32, out: usize): void {
  const bytes = (<usize>step) << 2;
  let d = 0;
  for (; d + 16 <= D; d += 16) {
    let p = at(rows, d);
    let a = four(0);
    let b = four(0);
    let c = four(0);
    let e = four(0);
    for (let s = 0; s < count; s++) {
      const w = v128.load32_splat(at(weights, s));
      a = fma4(w, v128.load(p), a);
      b = fma4(w, v128.load(p, 16), b);
      c = fma4(w, v128.load(p, 32), c);
      e = fma4(w, v128.load(p, 48), e);
      p += bytes;
    }
    v128.store(at(out, d), a);
    v128.store(at(out, d), b, 16);
    v128.store(at(out, d), c, 32);
    v128.store(at(out, d), e, 48);
  }
  for (; d + 4 <= D; d += 4) {
    let p = at(rows, d);
    let sums = four(0);
    for (let s = 0; s < count; s++) {
      sums = fma4(v128.load32_splat(at(weights, s)), v128.load(p), sums);
      p += bytes;
    }
    v128.store(at(out, d), sums);
  }
  for (; d < D; d++) {
    let p = at(rows, d);
    let sum: f32 = 0;
    for (let s = 0; s < count; s++) {
      sum += load<f32>(at(weights, s)) * load<f32>(p);
      p += bytes;
    }
    store<f32>(at(out, d), sum);
  }
}
