// The routed experts: rows gathered in the order of their expert, then one product an expert and matrix. An expert without a token costs nothing.
import { gemm, gemmWork } from './gemm';
import { at } from './layout';
import { addScaled, dot, scale, swiglu, swigluBackwardScaled } from './rows';

/** Bytes of working memory for both directions. @param A assignments, N·K */
export function expertsWork(A: i32, C: i32, I: i32): usize {
  const widest = max(C, I);
  return ((<usize>(A * (2 * C + 3 * I))) << 2) + gemmWork(widest, max(widest, A));
}

/** Row r of the result is the row of the token that sorted row r belongs to. */
function gather(x: usize, order: usize, out: usize, A: i32, K: i32, C: i32): void {
  for (let r = 0; r < A; r++) memory.copy(at(out, r * C), at(x, (load<i32>(at(order, r)) / K) * C), (<usize>C) << 2);
}

/** y_n = Σ_k w_nk · row of assignment (n, k), in the order of k; without weights a plain sum. */
function combine(rows: usize, position: usize, weights: usize, y: usize, N: i32, K: i32, C: i32): void {
  memory.fill(y, 0, (<usize>(N * C)) << 2);
  for (let n = 0; n < N; n++) {
    for (let k = 0; k < K; k++) {
      const a = n * K + k;
      addScaled(at(y, n * C), at(rows, load<i32>(at(position, a)) * C), weights ? load<f32>(at(weights, a)) : 1, C);
    }
  }
}

/** g and u [A, I], in sorted order, are what the backward pass reads. */
export function experts(
  x: usize,
  weights: usize,
  offsets: usize,
  order: usize,
  position: usize,
  gate: usize,
  up: usize,
  down: usize,
  y: usize,
  g: usize,
  u: usize,
  N: i32,
  K: i32,
  E: i32,
  C: i32,
  I: i32,
  work: usize,
): void {
  const A = N * K;
  const rows = work;
  const h = at(rows, A * C);
  const inner = at(h, A * I);
  gather(x, order, rows, A, K, C);
  for (let e = 0; e < E; e++) {
    const first = load<i32>(at(offsets, e));
    const count = load<i32>(at(offsets, e + 1)) - first;
    const matrix = e * I * C;
    gemm(at(rows, first * C), C, 1, at(gate, matrix), 1, C, at(g, first * I), I, count, I, C, false, inner);
    gemm(at(rows, first * C), C, 1, at(up, matrix), 1, C, at(u, first * I), I, count, I, C, false, inner);
    swiglu(at(g, first * I), at(u, first * I), at(h, first * I), count * I);
    gemm(at(h, first * I), I, 1, at(down, matrix), 1, I, at(rows, first * C), C, count, C, I, false, inner);
  }
  combine(rows, position, weights, y, N, K, C);
}

export function expertsBackward(
  dy: usize,
  x: usize,
  weights: usize,
  offsets: usize,
  order: usize,
  position: usize,
  gate: usize,
  up: usize,
  down: usize,
  g: usize,
  u: usize,
  dx: usize,
  dWeights: usize,
  dGate: usize,
  dUp: usize,
  dDown: usize,
  N: i32,
  K: i32,
  E: i32,
  C: i32,
  I: i32,
  work: usize,
): void {
  const A = N * K;
  const rows = work;
  const dRows = at(rows, A * C);
  const dg = at(dRows, A * C);
  const du = at(dg, A * I);
  const h = at(du, A * I);
  const inner = at(h, A * I);
  gather(x, order, rows, A, K, C);
  gather(dy, order, dRows, A, K, C);
  for (let e = 0; e < E; e++) {
    const first = load<i32>(at(offsets, e));
    const count = load<i32>(at(offsets, e + 1)) - first;
    const matrix = e * I * C;
    const rowsHere = at(rows, first * C);
    const dRowsHere = at(dRows, first * C);
    const dgHere = at(dg, first * I);
    const duHere = at(du, first * I);
    const hHere = at(h, first * I);
    gemm(dRowsHere, C, 1, at(down, matrix), I, 1, dgHere, I, count, I, C, false, inner);
    swiglu(at(g, first * I), at(u, first * I), hHere, count * I);
    for (let r = 0; r < count; r++) {
      const assignment = load<i32>(at(order, first + r));
      const weight = load<f32>(at(weights, assignment));
      const inside = r * I;
      const saved = (first + r) * I;
      store<f32>(at(dWeights, assignment), dot(at(dgHere, inside), at(hHere, inside), I));
      swigluBackwardScaled(at(dgHere, inside), at(g, saved), at(u, saved), at(dgHere, inside), at(duHere, inside), weight, I);
      scale(at(hHere, inside), weight, I);
    }
    gemm(dRowsHere, 1, C, hHere, I, 1, at(dDown, matrix), I, C, I, count, false, inner);
    gemm(dgHere, 1, I, rowsHere, C, 1, at(dGate, matrix), C, I, C, count, false, inner);
    gemm(duHere, 1, I, rowsHere, C, 1, at(dUp, matrix), C, I, C, count, false, inner);
    gemm(dgHere, I, 1, at(gate, matrix), C, 1, dRowsHere, C, count, C, I, false, inner);
    gemm(duHere, I, 1, at(up, matrix), C, 1, dRowsHere, C, count, C, I, true, inner);
  }
  combine(dRows, position, 0, dx, N, K, C);
}
