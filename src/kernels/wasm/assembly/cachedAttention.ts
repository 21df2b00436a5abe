// Attention of new tokens over a cache of keys and values. Every sum runs in the order of the full pass (attention.ts), so decoding has its very bits.
import { attention, attentionWork } from './attention';
import { at } from './layout';
import { four, fma4 } from './math';
import { rowProducts } from './rowProducts';
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
      rowProducts(at(q, mine), keys, 2 * width, count, D, false, work);
      const total = exponentials(work, work, slope, largest(work, count) * slope, 1, count);
      scale(work, 1 / total, count);
      weighted(work, at(keys, width), 2 * width, count, D, at(o, mine));
    }
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
