// The optimizer's arithmetic: sums in double precision, AdamW in place.
import { at } from './layout';
import { fma4, four } from './math';

/** Σ x² in double precision. */
export function sumOfSquares(x: usize, out: usize, count: i32): void {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const values = v128.load(at(x, i));
    const first = f64x2.promote_low_f32x4(values);
    const second = f64x2.promote_low_f32x4(i64x2.shuffle(values, values, 1, 1));
    low = f64x2.add(low, f64x2.mul(first, first));
    high = f64x2.add(high, f64x2.mul(second, second));
  }
  const both = f64x2.add(low, high);
  let total = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (; i < count; i++) {
    const value: f64 = load<f32>(at(x, i));
    total += value * value;
  }
  store<f32>(out, <f32>total);
}

/** Norm, scale and finiteness of the whole gradient. */
export function clipControl(sums: usize, control: usize, P: i32, clip: f32): void {
  let total: f64 = 0;
  for (let p = 0; p < P; p++) total += <f64>load<f32>(at(sums, p));
  const norm = <f32>sqrt<f64>(total);
  store<f32>(control, norm);
  store<f32>(at(control, 1), clip > 0 ? min<f32>(1, clip / (norm + 1e-6)) : 1);
  store<f32>(at(control, 2), norm - norm == 0 ? 1 : 0);
}

/** Four parameters at a time; the last, fewer than four, go through `spare`, which holds four groups of four floats. */
export function adamW(
  value: usize,
  gradient: usize,
  firstMoment: usize,
  secondMoment: usize,
  control: usize,
  count: i32,
  learningRate: f32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  epsilon: f32,
  weightDecay: f32,
  correction1: f32,
  correction2: f32,
  spare: usize,
): void {
  if (!(load<f32>(at(control, 2)) > 0.5)) return;
  const scale = four(load<f32>(at(control, 1)));
  const rate = four(learningRate);
  const decay = four(weightDecay);
  const growth1 = four(1 / correction1);
  const growth2 = four(1 / correction2);
  const whole = count & ~3;
  for (let i = 0; i <= whole; i += 4) {
    let p = at(value, i);
    let g = at(gradient, i);
    let m = at(firstMoment, i);
    let v = at(secondMoment, i);
    const left = count - i;
    const rest = left < 4;
    if (rest) {
      if (left == 0) return;
      const length = (<usize>left) << 2;
      memory.fill(spare, 0, 64);
      memory.copy(spare, p, length);
      memory.copy(spare + 16, g, length);
      memory.copy(spare + 32, m, length);
      memory.copy(spare + 48, v, length);
      p = spare;
      g = spare + 16;
      m = spare + 32;
      v = spare + 48;
    }
    const slope = f32x4.mul(v128.load(g), scale);
    const first = fma4(v128.load(m), four(beta1), f32x4.mul(slope, four(rest1)));
    const second = fma4(v128.load(v), four(beta2), f32x4.mul(f32x4.mul(slope, slope), four(rest2)));
    const spread = f32x4.add(f32x4.sqrt(f32x4.mul(second, growth2)), four(epsilon));
    const direction = f32x4.div(f32x4.mul(first, growth1), spread);
    const old = v128.load(p);
    v128.store(m, first);
    v128.store(v, second);
    v128.store(p, f32x4.sub(old, f32x4.mul(fma4(old, decay, direction), rate)));
    if (rest) {
      const length = (<usize>left) << 2;
      memory.copy(at(value, i), p, length);
      memory.copy(at(firstMoment, i), m, length);
      memory.copy(at(secondMoment, i), v, length);
    }
  }
}
