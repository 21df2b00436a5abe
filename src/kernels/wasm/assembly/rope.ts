// q and k between projection and attention: norm of each head, then rotation by the position.
import { at } from './layout';
import { fma4, four } from './math';
import { dot, normRowBackward } from './rows';

/** (x₁·c − x₂·s, x₂·c + x₁·s) of the halves of one head, with s times `direction` (1 or −1). `out` may be `x`. */
function rotate(x: usize, cos: usize, sin: usize, out: usize, half: i32, direction: f32): void {
  const directions = four(direction);
  let i = 0;
  for (; i + 4 <= half; i += 4) {
    const c = v128.load(at(cos, i));
    const s = f32x4.mul(v128.load(at(sin, i)), directions);
    const first = v128.load(at(x, i));
    const second = v128.load(at(x, half + i));
    v128.store(at(out, i), f32x4.sub(f32x4.mul(first, c), f32x4.mul(second, s)));
    v128.store(at(out, half + i), fma4(second, c, f32x4.mul(first, s)));
  }
  for (; i < half; i++) {
    const c = load<f32>(at(cos, i));
    const s: f32 = load<f32>(at(sin, i)) * direction;
    const first = load<f32>(at(x, i));
    const second = load<f32>(at(x, half + i));
    store<f32>(at(out, i), first * c - second * s);
    store<f32>(at(out, half + i), second * c + first * s);
  }
}

/** Row n stands at position n mod T of the tables [T, D/2]. */
export function qkNormRope(
  x: usize,
  weight: usize,
  cos: usize,
  sin: usize,
  y: usize,
  N: i32,
  T: i32,
  H: i32,
  D: i32,
  eps: f32,
  normalise: bool,
): void {
  const half = D / 2;
  for (let n = 0; n < N; n++) {
    const table = (n % T) * half;
    for (let h = 0; h < H; h++) {
      const head = at(x, (n * H + h) * D);
      const out = at(y, (n * H + h) * D);
      if (normalise) {
        const r: f32 = 1 / sqrt<f32>(dot(head, head, D) / <f32>D + eps);
        for (let i = 0; i < D; i++) store<f32>(at(out, i), load<f32>(at(head, i)) * r * load<f32>(at(weight, i)));
        rotate(out, at(cos, table), at(sin, table), out, half, 1);
      } else {
        rotate(head, at(cos, table), at(sin, table), out, half, 1);
      }
    }
  }
}

export function qkNormRopeBackward(
  dy: usize,
  x: usize,
  weight: usize,
  cos: usize,
  sin: usize,
  dx: usize,
  dw: usize,
  N: i32,
  T: i32,
  H: i32,
  D: i32,
  eps: f32,
  normalise: bool,
): void {
  const half = D / 2;
  memory.fill(dw, 0, (<usize>D) << 2);
  for (let n = 0; n < N; n++) {
    const table = (n % T) * half;
    for (let h = 0; h < H; h++) {
      const head = (n * H + h) * D;
      rotate(at(dy, head), at(cos, table), at(sin, table), at(dx, head), half, -1);
      if (normalise) normRowBackward(at(dx, head), at(x, head), weight, at(dx, head), dw, D, eps);
    }
  }
}
