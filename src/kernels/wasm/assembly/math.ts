// Elementary functions on four floats at a time. No tables: the module must hold no static data, since it lives on a heap that is not its own.

/** Four floats of one value. */
export function four(value: f32): v128 {
  return f32x4.splat(value);
}

/** a·b + c */
export function fma4(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

/** The sum of four lanes, always in the same order. */
export function sum4(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
}

/** Added to a float below 2²², this leaves it rounded to a whole number, which then stands in the lowest bits. */
const ROUNDING: f32 = 12582912; // 1.5·2²³

/**
 * eˣ = 2ⁿ·eʳ with n the nearest whole number to x / ln 2, so |r| ≤ 0.3466, where 1 + r + r²·q(r) with q of degree 4 is off by 3e-9 of eʳ at
 * most: q was fitted to the smallest largest relative error. ln 2 is split in two, the first part short enough that n times it is exact.
 * Saturates at e^±87; NaN stays NaN: of the two ways to choose the smaller one, `pmin` keeps its first argument then, and is one instruction.
 */
export function exp4(x: v128): v128 {
  const held = f32x4.pmax(f32x4.pmin(x, four(88.0)), four(-87.3));
  const rounded = fma4(held, four(1.4426950408889634), four(ROUNDING));
  const n = f32x4.sub(rounded, four(ROUNDING));
  const r = f32x4.sub(f32x4.sub(held, f32x4.mul(n, four(0.693359375))), f32x4.mul(n, four(-0.00021219444005469057)));
  let p = fma4(four(0.0013814597777576734), r, four(0.008368717240006821));
  p = fma4(p, r, four(0.041668388082496635));
  p = fma4(p, r, four(0.16666520628731712));
  p = fma4(p, r, four(0.4999999344758608));
  p = fma4(p, r, four(1.0));
  p = fma4(p, r, four(1.0));
  const power = i32x4.shl(i32x4.add(rounded, i32x4.splat(127)), 23);
  return f32x4.mul(p, power);
}

/** 1 / (1 + e⁻ˣ), by the exponential of −|x| so that both tails keep their digits. */
export function sigmoid4(x: v128): v128 {
  const e = exp4(f32x4.neg(f32x4.abs(x)));
  const upper = f32x4.div(four(1.0), f32x4.add(four(1.0), e));
  return v128.bitselect(upper, f32x4.mul(e, upper), f32x4.ge(x, four(0.0)));
}

/** One value through the same arithmetic, so that the rest of a row has the same bits as its body. */
export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(four(x)), 0);
}

export function sigmoid1(x: f32): f32 {
  return f32x4.extract_lane(sigmoid4(four(x)), 0);
}

/** Natural logarithm of a normal x > 0 in double precision: x = 2ⁿ·m, m around 1, log m = 2·artanh((m − 1) / (m + 1)). NaN and ∞ stay. */
export function log1(x: f64): f64 {
  if (!(x > 0) || x == Infinity) return x == 0 ? -Infinity : x > 0 ? x : NaN;
  const bits = reinterpret<i64>(x);
  let n = (bits >> 52) - 1023;
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    n += 1;
  }
  const s = (m - 1) / (m + 1);
  const q = s * s;
  let series: f64 = 1.0 / 15.0;
  series = series * q + 1.0 / 13.0;
  series = series * q + 1.0 / 11.0;
  series = series * q + 1.0 / 9.0;
  series = series * q + 1.0 / 7.0;
  series = series * q + 1.0 / 5.0;
  series = series * q + 1.0 / 3.0;
  series = series * q + 1.0;
  return <f64>n * 0.6931471805599453 + 2 * s * series;
}
