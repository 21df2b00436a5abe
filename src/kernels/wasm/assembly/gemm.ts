// Matrix products C = A·B (or C += A·B) in every layout: A and B are read through strides, so transposes cost no copy.
// The order of every sum depends on its length alone: blocks of K_BLOCK, added in turn. So a row's bits do not depend on how many rows there are.
import { at, bytes } from './layout';
import { COLUMNS, pack, panelsSize } from './panels';
import { rowProducts } from './rowProducts';
import { ROWS, spread, tile, tileWork } from './tile';

/** Terms and columns of a packed block of B: 256 KiB, which stay in the second cache while all rows of A pass. */
const K_BLOCK: i32 = 256;
const N_BLOCK: i32 = 256;
/** Up to this many rows, B is read where it lies rather than packed. */
const FEW_ROWS: i32 = 2;

/** Bytes of working memory that a product with N columns and K terms needs. */
export function gemmWork(N: i32, K: i32): usize {
  const depth = min(K, K_BLOCK);
  return bytes(panelsSize(min(N, N_BLOCK), depth) + tileWork(depth));
}

/** C (+)= A·B with B packed in panels, each `panelStep` floats long. `work` has tileWork(K) floats. */
export function gemmPacked(
  a: usize,
  aRow: i32,
  aK: i32,
  panels: usize,
  panelStep: i32,
  c: usize,
  cRow: i32,
  M: i32,
  N: i32,
  K: i32,
  add: bool,
  work: usize,
): void {
  const spare = work;
  const rowsOfA = at(work, ROWS * COLUMNS);
  for (let i = 0; i < M; i += ROWS) {
    const rows = min(ROWS, M - i);
    spread(at(a, i * aRow), aRow, aK, rows, K, rowsOfA);
    for (let j = 0; j < N; j += COLUMNS) {
      const panel = at(panels, (j / COLUMNS) * panelStep);
      tile(rowsOfA, panel, K, at(c, i * cRow + j), bytes(cRow), rows, min(COLUMNS, N - j), add, spare);
    }
  }
}

/**
 * C[M, N] = A[M, K]·B[K, N], or C += A·B if `add`. Element (i, k) of A stands at i·aRow + k·aK floats, (k, j) of B at k·bK + j·bColumn, (i, j) of C at i·cRow + j.
 * One of B's strides is 1. `work` has gemmWork(N, K) bytes.
 */
export function gemm(
  a: usize,
  aRow: i32,
  aK: i32,
  b: usize,
  bK: i32,
  bColumn: i32,
  c: usize,
  cRow: i32,
  M: i32,
  N: i32,
  K: i32,
  add: bool,
  work: usize,
): void {
  if (M == 0) return;
  if (K == 0 && !add) {
    for (let i = 0; i < M; i++) memory.fill(at(c, i * cRow), 0, bytes(N));
  }
  if (M <= FEW_ROWS && aK == 1 && bK == 1) {
    for (let i = 0; i < M; i++) {
      for (let k = 0; k < K; k += K_BLOCK) {
        const row = at(a, i * aRow + k);
        rowProducts(row, at(b, k), bColumn, N, min(K_BLOCK, K - k), add || k > 0, at(c, i * cRow));
      }
    }
    return;
  }
  for (let j = 0; j < N; j += N_BLOCK) {
    const columns = min(N_BLOCK, N - j);
    for (let k = 0; k < K; k += K_BLOCK) {
      const depth = min(K_BLOCK, K - k);
      const inner = at(work, panelsSize(columns, depth));
      pack(at(b, k * bK + j * bColumn), bK, bColumn, columns, depth, work);
      gemmPacked(at(a, k * aK), aRow, aK, work, depth * COLUMNS, at(c, j), cRow, M, columns, depth, add || k > 0, inner);
    }
  }
}
