// Causal attention in blocks of query rows: a block sees the keys up to its last row, so most of the upper triangle is never computed.
import { gemmPacked } from './gemm';
import { at } from './layout';
import { log1 } from './math';
import { COLUMNS, pack, panelsSize } from './panels';
import { dot, exponentials, largest, scale } from './rows';
import { tileWork } from './tile';

const QUERY_BLOCK: i32 = 32;

/** Bytes of working memory for both directions. @param T positions of a sequence @param D head dimension */
export function attentionWork(T: i32, D: i32): usize {
  const panels = 2 * panelsSize(T, D) + panelsSize(D, T) + 2 * panelsSize(D, QUERY_BLOCK);
  return (<usize>(panels + 2 * QUERY_BLOCK * T + tileWork(max(T, D)))) << 2;
}

/** q and o [B·T, H·D], k and v [B·T, G·D] with G key heads, statistics [B·T, H, 2]. */
export function attention(
  q: usize,
  k: usize,
  v: usize,
  o: usize,
  statistics: usize,
  B: i32,
  T: i32,
  H: i32,
  G: i32,
  D: i32,
  work: usize,
): void {
  const keyPanels = work;
  const valuePanels = at(keyPanels, panelsSize(T, D));
  const S = at(valuePanels, panelsSize(D, T));
  const inner = at(S, QUERY_BLOCK * T);
  const slope: f32 = 1 / sqrt<f32>(<f32>D);
  for (let b = 0; b < B; b++) {
    for (let h = 0; h < H; h++) {
      const g = h / (H / G);
      const keys = at(k, b * T * G * D + g * D);
      const values = at(v, b * T * G * D + g * D);
      if (h % (H / G) == 0) {
        pack(keys, 1, G * D, T, D, keyPanels);
        pack(values, G * D, 1, D, T, valuePanels);
      }
      for (let first = 0; first < T; first += QUERY_BLOCK) {
        const rows = min(QUERY_BLOCK, T - first);
        const seen = first + rows;
        const offset = (b * T + first) * H * D + h * D;
        gemmPacked(at(q, offset), H * D, 1, keyPanels, D * COLUMNS, S, T, rows, seen, D, false, inner);
        softmaxRows(S, T, first, rows, slope, at(statistics, ((b * T + first) * H + h) * 2), 2 * H);
        gemmPacked(S, T, 1, valuePanels, T * COLUMNS, at(o, offset), H * D, rows, D, seen, false, inner);
      }
    }
  }
}

/** Rows of logits into probabilities, zero after the diagonal; the largest scaled logit and the logsumexp of each row go into the statistics. */
function softmaxRows(S: usize, T: i32, first: i32, rows: i32, slope: f32, statistics: usize, step: i32): void {
  for (let i = 0; i < rows; i++) {
    const row = at(S, i * T);
    const count = first + i + 1;
    const peak: f32 = largest(row, count) * slope;
    const total = exponentials(row, row, slope, peak, 1, count);
    scale(row, 1 / total, count);
    memory.fill(at(row, count), 0, (<usize>(rows - i - 1)) << 2);
    store<f32>(at(statistics, i * step), peak);
    store<f32>(at(statistics, i * step + 1), <f32>(<f64>peak + log1(<f64>total)));
  }
}

/** The probabilities come back from the saved logsumexp, block by block; dk and dv are summed over a group's query heads in their order. */
export function attentionBackward(
  dO: usize,
  q: usize,
  k: usize,
  v: usize,
  o: usize,
  statistics: usize,
  dq: usize,
  dk: usize,
  dv: usize,
  B: i32,
  T: i32,
  H: i32,
  G: i32,
  D: i32,
  work: usize,
): void {
  const keyPanels = work;
  const valuePanels = at(keyPanels, panelsSize(T, D));
  const keyRows = at(valuePanels, panelsSize(T, D));
  const queryPanels = at(keyRows, panelsSize(D, T));
  const dOPanels = at(queryPanels, panelsSize(D, QUERY_BLOCK));
  const P = at(dOPanels, panelsSize(D, QUERY_BLOCK));
  const dS = at(P, QUERY_BLOCK * T);
  const inner = at(dS, QUERY_BLOCK * T);
  const slope: f32 = 1 / sqrt<f32>(<f32>D);
  memory.fill(dk, 0, (<usize>(B * T * G * D)) << 2);
  memory.fill(dv, 0, (<usize>(B * T * G * D)) << 2);
  for (let b = 0; b < B; b++) {
    for (let h = 0; h < H; h++) {
      const keyOffset = b * T * G * D + (h / (H / G)) * D;
      if (h % (H / G) == 0) {
        pack(at(k, keyOffset), 1, G * D, T, D, keyPanels);
        pack(at(v, keyOffset), 1, G * D, T, D, valuePanels);
        pack(at(k, keyOffset), G * D, 1, D, T, keyRows);
      }
      for (let first = 0; first < T; first += QUERY_BLOCK) {
        const rows = min(QUERY_BLOCK, T - first);
        const seen = first + rows;
        const offset = (b * T + first) * H * D + h * D;
        gemmPacked(at(q, offset), H * D, 1, keyPanels, D * COLUMNS, P, T, rows, seen, D, false, inner);
        gemmPacked(at(dO, offset), H * D, 1, valuePanels, D * COLUMNS, dS, T, rows, seen, D, false, inner);
        for (let i = 0; i < rows; i++) {
          const at0 = offset + i * H * D;
          const delta = dot(at(dO, at0), at(o, at0), D);
          const logSumExp = load<f32>(at(statistics, ((b * T + first + i) * H + h) * 2 + 1));
          logitGradient(at(P, i * T), at(dS, i * T), slope, logSumExp, delta, first + i + 1, rows - i - 1);
        }
        gemmPacked(dS, T, 1, keyRows, T * COLUMNS, at(dq, offset), H * D, rows, D, seen, false, inner);
        pack(at(q, offset), H * D, 1, D, rows, queryPanels);
        gemmPacked(dS, 1, T, queryPanels, rows * COLUMNS, at(dk, keyOffset), G * D, seen, D, rows, true, inner);
        pack(at(dO, offset), H * D, 1, D, rows, dOPanels);
        gemmPacked(P, 1, T, dOPanels, rows * COLUMNS, at(dv, keyOffset), G * D, seen, D, rows, true, inner);
      }
    }
  }
}

/** In one row: logits into probabilities P, and dP into dS = P·(dP − δ)·slope; both zero after the diagonal. */
function logitGradient(P: usize, dS: usize, slope: f32, logSumExp: f32, delta: f32, count: i32, after: i32): void {
  exponentials(P, P, slope, logSumExp, 1, count);
  const deltas = f32x4.splat(delta);
  const slopes = f32x4.splat(slope);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const d = f32x4.mul(v128.load(at(P, i)), f32x4.sub(v128.load(at(dS, i)), deltas));
    v128.store(at(dS, i), f32x4.mul(d, slopes));
  }
  for (; i < count; i++) store<f32>(at(dS, i), load<f32>(at(P, i)) * (load<f32>(at(dS, i)) - delta) * slope);
  memory.fill(at(P, count), 0, (<usize>after) << 2);
  memory.fill(at(dS, count), 0, (<usize>after) << 2);
}
