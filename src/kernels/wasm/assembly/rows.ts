// Operations on rows: embedding, RMSNorm, SwiGLU, cross entropy. Sums run over four lanes, then the rest of the row.
import { at } from './layout';
import { exp1, exp4, fma4, four, log1, sigmoid1, sigmoid4, sum4 } from './math';

/** Σ x·y over `count` values. */
export function dot(x: usize, y: usize, count: i32): f32 {
  let lanes = four(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) lanes = fma4(v128.load(at(x, i)), v128.load(at(y, i)), lanes);
  let total = sum4(lanes);
  for (; i < count; i++) total += load<f32>(at(x, i)) * load<f32>(at(y, i));
  return total;
}

/** to += factor·x over `count` values. */
export function addScaled(to: usize, x: usize, factor: f32, count: i32): void {
  const factors = four(factor);
  let i = 0;
  for (; i + 4 <= count; i += 4) v128.store(at(to, i), fma4(v128.load(at(x, i)), factors, v128.load(at(to, i))));
  for (; i < count; i++) store<f32>(at(to, i), load<f32>(at(to, i)) + load<f32>(at(x, i)) * factor);
}

/** `count` floats from one place to another. */
export function copyFloats(from: usize, to: usize, count: i32): void {
  memory.copy(to, from, (<usize>count) << 2);
}

/** The same from whole numbers, each as the float next to it. */
export function copyWholes(from: usize, to: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) v128.store(at(to, i), f32x4.convert_i32x4_s(v128.load(at(from, i))));
  for (; i < count; i++) store<f32>(at(to, i), <f32>load<i32>(at(from, i)));
}

/** x *= factor over `count` values. */
export function scale(x: usize, factor: f32, count: i32): void {
  const factors = four(factor);
  let i = 0;
  for (; i + 4 <= count; i += 4) v128.store(at(x, i), f32x4.mul(v128.load(at(x, i)), factors));
  for (; i < count; i++) store<f32>(at(x, i), load<f32>(at(x, i)) * factor);
}

/** The largest of `count` > 0 values; NaN if one is. */
export function largest(x: usize, count: i32): f32 {
  let most = load<f32>(x);
  let i = 0;
  if (count >= 4) {
    let lanes = v128.load(x);
    for (i = 4; i + 4 <= count; i += 4) lanes = f32x4.max(lanes, v128.load(at(x, i)));
    most = max(
      max(f32x4.extract_lane(lanes, 0), f32x4.extract_lane(lanes, 1)),
      max(f32x4.extract_lane(lanes, 2), f32x4.extract_lane(lanes, 3)),
    );
  }
  for (; i < count; i++) most = max(most, load<f32>(at(x, i)));
  return most;
}

/** out = factor·e^(slope·x − shift) over `count` values; returns Σ e^(slope·x − shift). `out` may be `x`. */
export function exponentials(x: usize, out: usize, slope: f32, shift: f32, factor: f32, count: i32): f32 {
  let lanes = four(0);
  let i = 0;
  const slopes = four(slope);
  const shifts = four(shift);
  const factors = four(factor);
  for (; i + 4 <= count; i += 4) {
    const e = exp4(f32x4.sub(f32x4.mul(v128.load(at(x, i)), slopes), shifts));
    v128.store(at(out, i), f32x4.mul(e, factors));
    lanes = f32x4.add(lanes, e);
  }
  let total = sum4(lanes);
  for (; i < count; i++) {
    const e = exp1(load<f32>(at(x, i)) * slope - shift);
    store<f32>(at(out, i), e * factor);
    total += e;
  }
  return total;
}

/** factor·Σ x[row, column], or the largest x[row, column], into `out`. */
export function columnFigure(x: usize, out: usize, rows: i32, width: i32, column: i32, factor: f32, largest: bool): void {
  let sum: f64 = 0;
  let most: f32 = -Infinity;
  for (let row = 0; row < rows; row++) {
    const value = load<f32>(at(x, row * width + column));
    sum += <f64>value;
    most = max(most, value);
  }
  store<f32>(out, largest ? most : <f32>(sum * <f64>factor));
}

/** Rows of a table by id. Returns the place of the first id outside [0, V), or −1: nothing is read or written outside. */
export function embed(table: usize, ids: usize, y: usize, N: i32, V: i32, C: i32): i32 {
  const row = (<usize>C) << 2;
  for (let n = 0; n < N; n++) {
    const id = load<i32>(at(ids, n));
    if (<u32>id >= <u32>V) return n;
    memory.copy(y + <usize>n * row, table + <usize>id * row, row);
  }
  return -1;
}

/** The gradient of `embed`: rows of dy added up by id, in the order of the tokens. */
export function embedBackward(dy: usize, ids: usize, dTable: usize, N: i32, V: i32, C: i32): void {
  memory.fill(dTable, 0, (<usize>V * <usize>C) << 2);
  for (let n = 0; n < N; n++) addScaled(at(dTable, load<i32>(at(ids, n)) * C), at(dy, n * C), 1, C);
}

export function rmsNorm(x: usize, weight: usize, y: usize, N: i32, C: i32, eps: f32): void {
  for (let n = 0; n < N; n++) {
    const row = at(x, n * C);
    const out = at(y, n * C);
    const r: f32 = 1 / sqrt<f32>(dot(row, row, C) / <f32>C + eps);
    const rs = four(r);
    let i = 0;
    for (; i + 4 <= C; i += 4) v128.store(at(out, i), f32x4.mul(f32x4.mul(v128.load(at(row, i)), rs), v128.load(at(weight, i))));
    for (; i < C; i++) store<f32>(at(out, i), load<f32>(at(row, i)) * r * load<f32>(at(weight, i)));
  }
}

/** stream = x + y, normed = the norm of it. */
export function residualNorm(x: usize, y: usize, weight: usize, stream: usize, normed: usize, N: i32, C: i32, eps: f32): void {
  const count = N * C;
  let i = 0;
  for (; i + 4 <= count; i += 4) v128.store(at(stream, i), f32x4.add(v128.load(at(x, i)), v128.load(at(y, i))));
  for (; i < count; i++) store<f32>(at(stream, i), load<f32>(at(x, i)) + load<f32>(at(y, i)));
  rmsNorm(stream, weight, normed, N, C, eps);
}

/** dx = dStream + what comes through the norm, of x as of y. */
export function residualNormBackward(
  dStream: usize,
  dNormed: usize,
  stream: usize,
  weight: usize,
  dx: usize,
  dw: usize,
  N: i32,
  C: i32,
  eps: f32,
): void {
  rmsNormBackward(dNormed, stream, weight, dx, dw, N, C, eps);
  addScaled(dx, dStream, 1, N * C);
}

/** dx = r·w·dy − x·r³·mean(w·dy·x); dw = Σ dy·x·r. */
export function rmsNormBackward(dy: usize, x: usize, weight: usize, dx: usize, dw: usize, N: i32, C: i32, eps: f32): void {
  memory.fill(dw, 0, (<usize>C) << 2);
  for (let n = 0; n < N; n++) normRowBackward(at(dy, n * C), at(x, n * C), weight, at(dx, n * C), dw, C, eps);
}

/** One row of the above; `dw` is added to. `dx` may be `dy`. */
export function normRowBackward(dy: usize, x: usize, weight: usize, dx: usize, dw: usize, C: i32, eps: f32): void {
  const r: f32 = 1 / sqrt<f32>(dot(x, x, C) / <f32>C + eps);
  let lanes = four(0);
  let i = 0;
  for (; i + 4 <= C; i += 4) lanes = fma4(f32x4.mul(v128.load(at(dy, i)), v128.load(at(weight, i))), v128.load(at(x, i)), lanes);
  let projection = sum4(lanes);
  for (; i < C; i++) projection += load<f32>(at(dy, i)) * load<f32>(at(weight, i)) * load<f32>(at(x, i));
  projection *= (r * r * r) / <f32>C;
  const rs = four(r);
  const projections = four(projection);
  for (i = 0; i + 4 <= C; i += 4) {
    const d = f32x4.mul(v128.load(at(dy, i)), rs);
    const xs = v128.load(at(x, i));
    v128.store(at(dw, i), fma4(d, xs, v128.load(at(dw, i))));
    v128.store(at(dx, i), f32x4.sub(f32x4.mul(d, v128.load(at(weight, i))), f32x4.mul(xs, projections)));
  }
  for (; i < C; i++) {
    const d: f32 = load<f32>(at(dy, i)) * r;
    const v = load<f32>(at(x, i));
    store<f32>(at(dw, i), load<f32>(at(dw, i)) + d * v);
    store<f32>(at(dx, i), d * load<f32>(at(weight, i)) - v * projection);
  }
}

/** h = silu(gate)·up, times a factor. */
export function swigluScaled(gate: usize, up: usize, h: usize, factor: f32, count: i32): void {
  const factors = four(factor);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const g = v128.load(at(gate, i));
    v128.store(at(h, i), f32x4.mul(f32x4.mul(f32x4.mul(g, sigmoid4(g)), v128.load(at(up, i))), factors));
  }
  for (; i < count; i++) {
    const g = load<f32>(at(gate, i));
    store<f32>(at(h, i), g * sigmoid1(g) * load<f32>(at(up, i)) * factor);
  }
}

export function swiglu(gate: usize, up: usize, h: usize, count: i32): void {
  swigluScaled(gate, up, h, 1, count);
}

/** dGate = f·dh·up·silu′(gate), dUp = f·dh·silu(gate), f a factor. `dGate` or `dUp` may be `dh`. */
export function swigluBackwardScaled(dh: usize, gate: usize, up: usize, dGate: usize, dUp: usize, factor: f32, count: i32): void {
  const one = four(1);
  const factors = four(factor);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const d = f32x4.mul(v128.load(at(dh, i)), factors);
    const g = v128.load(at(gate, i));
    const u = v128.load(at(up, i));
    const s = sigmoid4(g);
    const slope = f32x4.mul(s, fma4(g, f32x4.sub(one, s), one));
    v128.store(at(dGate, i), f32x4.mul(f32x4.mul(d, u), slope));
    v128.store(at(dUp, i), f32x4.mul(d, f32x4.mul(g, s)));
  }
  for (; i < count; i++) {
    const d: f32 = load<f32>(at(dh, i)) * factor;
    const g = load<f32>(at(gate, i));
    const u = load<f32>(at(up, i));
    const s = sigmoid1(g);
    store<f32>(at(dGate, i), d * u * (s * (g * (1 - s) + 1)));
    store<f32>(at(dUp, i), d * (g * s));
  }
}

export function swigluBackward(dh: usize, gate: usize, up: usize, dGate: usize, dUp: usize, count: i32): void {
  swigluBackwardScaled(dh, gate, up, dGate, dUp, 1, count);
}

/** `row` has V floats of working memory. */
export function crossEntropy(logits: usize, targets: usize, loss: usize, logSumExp: usize, row: usize, N: i32, V: i32): void {
  for (let n = 0; n < N; n++) {
    const x = at(logits, n * V);
    const peak = largest(x, V);
    const total: f64 = <f64>peak + log1(<f64>exponentials(x, row, 1, peak, 1, V));
    const target = load<i32>(at(targets, n));
    const chosen: f64 = <u32>target < <u32>V ? <f64>load<f32>(at(x, target)) : 0;
    store<f32>(at(logSumExp, n), <f32>total);
    store<f32>(at(loss, n), <f32>(total - chosen));
  }
}

export function crossEntropyBackward(
  dLoss: usize,
  logits: usize,
  targets: usize,
  logSumExp: usize,
  dLogits: usize,
  N: i32,
  V: i32,
): void {
  for (let n = 0; n < N; n++) {
    const d = load<f32>(at(dLoss, n));
    const out = at(dLogits, n * V);
    exponentials(at(logits, n * V), out, 1, load<f32>(at(logSumExp, n)), d, V);
    const target = load<i32>(at(targets, n));
    if (<u32>target < <u32>V) store<f32>(at(out, target), load<f32>(at(out, target)) - d);
  }
}
