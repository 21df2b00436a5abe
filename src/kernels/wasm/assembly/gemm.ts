// Matrix products C = A·B (or C += A·B) in every layout: A and B are read through strides, so transposes cost no copy.
// The order of every sum depends on its length alone: blocks of K_BLOCK, added in turn. So a row's bits do not depend on how many rows there are.
import { rowProducts } from './rowProducts';

/** Rows and columns of the register tile, and the blocks that keep panels in the caches. */
const ROWS: i32 = 4;
const COLUMNS: i32 = 8;
const K_BLOCK: i32 = 256;
const ROW_BLOCK: i32 = 128;
const PACK_BLOCK: i32 = 4;
/** From this distance of its rows and this many columns on, packing A costs less than the caches lose. */
const FAR_ROWS: i32 = 512;
const MANY_COLUMNS: i32 = 32;
/** Up to this many rows, B is read where it lies rather than packed. */
const FEW_ROWS: i32 = 2;

function bytes(floats: i32): usize {
  return (<usize>floats) << 2;
}

/** The address of element `index` of an array of 4-byte values. */
export function at(base: usize, index: i32): usize {
  return base + ((<usize>index) << 2);
}

function roundUp(value: i32, multiple: i32): i32 {
  return ((value + multiple - 1) / multiple) * multiple;
}

/** Bytes of working memory that a product with N columns and K terms needs. */
export function gemmWork(N: i32, K: i32): usize {
  const depth = min(K, K_BLOCK);
  return bytes(panelsSize(N, depth) + ROW_BLOCK * depth + ROWS * COLUMNS);
}

/** Floats of a packed right side with N columns and K terms. */
export function panelsSize(N: i32, K: i32): i32 {
  return roundUp(N, COLUMNS) * K;
}

function put(c: usize, value: v128, add: bool): void {
  v128.store(c, add ? f32x4.add(v128.load(c), value) : value);
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
 * A tile of four rows and eight columns: the rows of A start at p0 … p3 and step `aK` bytes; `panel` is a packed panel of B.
 * `rows` and `columns` say how much of the tile lies inside C; `spare` holds a tile that does not.
 */
function tile(
  p0: usize,
  p1: usize,
  p2: usize,
  p3: usize,
  aK: usize,
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
  for (let k = 0; k < K; k++) {
    const b0 = v128.load(panel);
    const b1 = v128.load(panel, 16);
    const a0 = v128.load32_splat(p0);
    c00 = f32x4.add(c00, f32x4.mul(a0, b0));
    c01 = f32x4.add(c01, f32x4.mul(a0, b1));
    const a1 = v128.load32_splat(p1);
    c10 = f32x4.add(c10, f32x4.mul(a1, b0));
    c11 = f32x4.add(c11, f32x4.mul(a1, b1));
    const a2 = v128.load32_splat(p2);
    c20 = f32x4.add(c20, f32x4.mul(a2, b0));
    c21 = f32x4.add(c21, f32x4.mul(a2, b1));
    const a3 = v128.load32_splat(p3);
    c30 = f32x4.add(c30, f32x4.mul(a3, b0));
    c31 = f32x4.add(c31, f32x4.mul(a3, b1));
    panel += 32;
    p0 += aK;
    p1 += aK;
    p2 += aK;
    p3 += aK;
  }
  const whole = rows == ROWS && columns == COLUMNS;
  const addHere = whole && add;
  const stride = whole ? cRow : bytes(COLUMNS);
  let to = whole ? c : spare;
  put(to, c00, addHere);
  put(to + 16, c01, addHere);
  to += stride;
  put(to, c10, addHere);
  put(to + 16, c11, addHere);
  to += stride;
  put(to, c20, addHere);
  put(to + 16, c21, addHere);
  to += stride;
  put(to, c30, addHere);
  put(to + 16, c31, addHere);
  if (!whole) putPart(c, cRow, spare, rows, columns, add);
}

/** Four rows of four turned into columns: out[k] takes element k of each row. `step` is the distance of the outputs in bytes. */
function turn4(r0: v128, r1: v128, r2: v128, r3: v128, out: usize, step: usize): void {
  const low01 = i32x4.shuffle(r0, r1, 0, 4, 1, 5);
  const low23 = i32x4.shuffle(r2, r3, 0, 4, 1, 5);
  const high01 = i32x4.shuffle(r0, r1, 2, 6, 3, 7);
  const high23 = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
  v128.store(out, i64x2.shuffle(low01, low23, 0, 2));
  v128.store(out + step, i64x2.shuffle(low01, low23, 1, 3));
  v128.store(out + 2 * step, i64x2.shuffle(high01, high23, 0, 2));
  v128.store(out + 3 * step, i64x2.shuffle(high01, high23, 1, 3));
}

/**
 * Lays `lines` lines of K values out as panels of `width` lines (4 or 8): [panel][k][line], the last panel filled up with zeros.
 * Element (line, k) of the source stands at line·lineStep + k·kStep floats.
 */
export function pack(source: usize, lineStep: i32, kStep: i32, lines: i32, K: i32, width: i32, out: usize): void {
  const whole = lines - (lines % width);
  if (lineStep == 1) {
    packStraight(source, kStep, whole, K, width, out);
  } else {
    for (let line = 0; line < whole; line += 4) {
      packTurned(at(source, line * lineStep), lineStep, kStep, K, width, at(out, (line - (line % width)) * K + (line % width)));
    }
  }
  if (whole == lines) return;
  const last = at(out, whole * K);
  memory.fill(last, 0, bytes(width * K));
  for (let line = whole; line < lines; line++) {
    for (let k = 0; k < K; k++)
      store<f32>(at(last, k * width + line - whole), load<f32>(at(source, line * lineStep + k * kStep)));
  }
}

/** Lines that stand side by side. A few k at a time: rows a power of two apart would push each other out of the cache. */
function packStraight(source: usize, kStep: i32, lines: i32, K: i32, width: i32, out: usize): void {
  for (let first = 0; first < K; first += PACK_BLOCK) {
    const end = min(K, first + PACK_BLOCK);
    for (let line = 0; line < lines; line += width) {
      let from = at(source, first * kStep + line);
      let to = at(out, line * K + first * width);
      for (let k = first; k < end; k++) {
        v128.store(to, v128.load(from));
        if (width == 8) v128.store(to, v128.load(from, 16), 16);
        from += bytes(kStep);
        to += bytes(width);
      }
    }
  }
}

/** Four lines whose values stand `kStep` apart, into every width-th place of a panel. */
function packTurned(from: usize, lineStep: i32, kStep: i32, K: i32, width: i32, out: usize): void {
  const step = bytes(lineStep);
  let k = 0;
  if (kStep == 1) {
    for (; k + 4 <= K; k += 4) {
      const p = at(from, k);
      turn4(
        v128.load(p),
        v128.load(p + step),
        v128.load(p + 2 * step),
        v128.load(p + 3 * step),
        at(out, k * width),
        bytes(width),
      );
    }
  }
  for (; k < K; k++) {
    for (let line = 0; line < 4; line++) store<f32>(at(out, k * width + line), load<f32>(at(from, line * lineStep + k * kStep)));
  }
}

/** C (+)= A·B with B packed in panels of eight columns, each `panelStep` floats long; at most K_BLOCK or so terms. `spare` holds a tile. */
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
  spare: usize,
): void {
  for (let j = 0; j < N; j += COLUMNS) {
    const panel = at(panels, (j / COLUMNS) * panelStep);
    const columns = min(COLUMNS, N - j);
    for (let i = 0; i < M; i += ROWS) {
      const rows = min(ROWS, M - i);
      const p = at(a, i * aRow);
      // Rows outside A read row 0 again; their results are thrown away.
      const p1 = at(p, rows > 1 ? aRow : 0);
      const p2 = at(p, rows > 2 ? 2 * aRow : 0);
      const p3 = at(p, rows > 3 ? 3 * aRow : 0);
      tile(p, p1, p2, p3, bytes(aK), panel, K, at(c, i * cRow + j), bytes(cRow), rows, columns, add, spare);
    }
  }
}

/**
 * C[M, N] = A[M, K]·B[K, N], or C += A·B if `add`. Element (i, k) of A stands at i·aRow + k·aK floats, (k, j) of B at k·bK + j·bColumn, (i, j) of C at i·cRow + j.
 * One of A's strides and one of B's is 1. `work` has gemmWork(N, K) bytes.
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
  const deepest = min(K, K_BLOCK);
  const packedRows = at(work, panelsSize(N, deepest));
  const spare = at(packedRows, ROW_BLOCK * deepest);
  for (let k = 0; k < K; k += K_BLOCK) {
    const depth = min(K_BLOCK, K - k);
    pack(at(b, k * bK), bColumn, bK, N, depth, COLUMNS, work);
    for (let i = 0; i < M; i += ROW_BLOCK) {
      const rows = min(ROW_BLOCK, M - i);
      const block = at(a, i * aRow + k * aK);
      const to = at(c, i * cRow);
      const adding = add || k > 0;
      if (aK == 1 && (aRow < FAR_ROWS || N < MANY_COLUMNS)) {
        gemmPacked(block, aRow, 1, work, depth * COLUMNS, to, cRow, rows, N, depth, adding, spare);
      } else {
        pack(block, aRow, aK, rows, depth, ROWS, packedRows);
        gemmPackedRows(packedRows, work, to, cRow, rows, N, depth, adding, spare);
      }
    }
  }
}

/** C (+)= A·B with both sides packed. */
function gemmPackedRows(
  rowPanels: usize,
  panels: usize,
  c: usize,
  cRow: i32,
  M: i32,
  N: i32,
  K: i32,
  add: bool,
  spare: usize,
): void {
  for (let j = 0; j < N; j += COLUMNS) {
    const panel = at(panels, j * K);
    const columns = min(COLUMNS, N - j);
    for (let i = 0; i < M; i += ROWS) {
      const p = at(rowPanels, i * K);
      tile(
        p,
        p + 4,
        p + 8,
        p + 12,
        bytes(ROWS),
        panel,
        K,
        at(c, i * cRow + j),
        bytes(cRow),
        min(ROWS, M - i),
        columns,
        add,
        spare,
      );
    }
  }
}
