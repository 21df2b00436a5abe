// The right side of a product, laid out so that a tile reads it in one run: panels of eight columns, [panel][k][column].
import { at, bytes, roundUp } from './layout';

/** Columns of a panel, and of a tile. */
export const COLUMNS: i32 = 8;
const PACK_BLOCK: i32 = 4;

/** Floats of a packed right side with N columns and K terms. */
export function panelsSize(N: i32, K: i32): i32 {
  return roundUp(N, COLUMNS) * K;
}

/** Packs N columns of K values; the last panel is filled up with zeros. Value (k, j) of the source stands at k·kStep + j·columnStep floats. */
export function pack(source: usize, kStep: i32, columnStep: i32, N: i32, K: i32, out: usize): void {
  const whole = N - (N % COLUMNS);
  if (columnStep == 1) {
    packStraight(source, kStep, whole, K, out);
  } else {
    for (let j = 0; j < whole; j += 4) {
      packTurned(at(source, j * columnStep), columnStep, kStep, K, at(out, (j - (j % COLUMNS)) * K + (j % COLUMNS)));
    }
  }
  if (whole == N) return;
  const last = at(out, whole * K);
  memory.fill(last, 0, bytes(COLUMNS * K));
  for (let j = whole; j < N; j++) {
    for (let k = 0; k < K; k++) store<f32>(at(last, k * COLUMNS + j - whole), load<f32>(at(source, j * columnStep + k * kStep)));
  }
}

/** Columns that stand side by side. A few k at a time: rows a power of two apart would push each other out of the cache. */
function packStraight(source: usize, kStep: i32, N: i32, K: i32, out: usize): void {
  for (let first = 0; first < K; first += PACK_BLOCK) {
    const end = min(K, first + PACK_BLOCK);
    for (let j = 0; j < N; j += COLUMNS) {
      let from = at(source, first * kStep + j);
      let to = at(out, j * K + first * COLUMNS);
      for (let k = first; k < end; k++) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
        from += bytes(kStep);
        to += bytes(COLUMNS);
      }
    }
  }
}

/** Four columns whose values stand `kStep` apart, into one half of a panel. */
function packTurned(from: usize, columnStep: i32, kStep: i32, K: i32, out: usize): void {
  const step = bytes(columnStep);
  let k = 0;
  if (kStep == 1) {
    for (; k + 4 <= K; k += 4) {
      const p = at(from, k);
      turn4(v128.load(p), v128.load(p + step), v128.load(p + 2 * step), v128.load(p + 3 * step), at(out, k * COLUMNS));
    }
  }
  for (; k < K; k++) {
    for (let j = 0; j < 4; j++) store<f32>(at(out, k * COLUMNS + j), load<f32>(at(from, j * columnStep + k * kStep)));
  }
}

/** Four columns of four, turned into rows of a panel. */
function turn4(c0: v128, c1: v128, c2: v128, c3: v128, out: usize): void {
  const low01 = i32x4.shuffle(c0, c1, 0, 4, 1, 5);
  const low23 = i32x4.shuffle(c2, c3, 0, 4, 1, 5);
  const high01 = i32x4.shuffle(c0, c1, 2, 6, 3, 7);
  const high23 = i32x4.shuffle(c2, c3, 2, 6, 3, 7);
  const step = bytes(COLUMNS);
  v128.store(out, i64x2.shuffle(low01, low23, 0, 2));
  v128.store(out + step, i64x2.shuffle(low01, low23, 1, 3));
  v128.store(out + 2 * step, i64x2.shuffle(high01, high23, 0, 2));
  v128.store(out + 3 * step, i64x2.shuffle(high01, high23, 1, 3));
}
