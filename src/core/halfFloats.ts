// Numbers of 16 bits: bfloat16 (the upper half of a float32) and IEEE 754 binary16. Narrowing rounds to the nearest, ties to even.

// Plain loops throughout: `from` with a function takes twenty times as long, and a checkpoint has millions of values.
const bitsOf = (values: Float32Array): Uint32Array => new Uint32Array(values.buffer, values.byteOffset, values.length);

/** NaN stays NaN; what lies beyond the largest bfloat16 becomes an infinity. */
export function toBfloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = bitsOf(values);
  const halves = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    const whole = bits[i]!;
    const hasNoValue = (whole & 0x7fffffff) > 0x7f800000;
    halves[i] = hasNoValue ? (whole >>> 16) | 0x40 : (whole + 0x7fff + ((whole >>> 16) & 1)) >>> 16;
  }
  return halves;
}

export function fromBfloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
  return new Float32Array(bits.buffer);
}

/** NaN stays NaN; what rounds beyond 65504 becomes an infinity. */
export function toFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = bitsOf(values);
  const halves = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) halves[i] = halfOf(bits[i]!);
  return halves;
}

/** The binary16 nearest to the float32 of these bits. */
function halfOf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  const exponent = (magnitude >>> 23) - 127;
  if (exponent >= 16) return sign | 0x7c00;
  // The significand with its leading one, and how many of its last bits a half has no place for.
  const significand = (magnitude & 0x7fffff) | 0x800000;
  const dropped = exponent >= -14 ? 13 : Math.min(13 - 14 - exponent, 25);
  const kept = significand >>> dropped;
  const rest = significand & ((1 << dropped) - 1);
  const middle = 1 << (dropped - 1);
  const up = rest > middle || (rest === middle && (kept & 1) === 1) ? 1 : 0;
  // A normal half's leading one is worth one step of its exponent; a carry goes on into the exponent by itself.
  const base = exponent >= -14 ? (exponent + 14) << 10 : 0;
  return sign | (base + kept + up);
}

/** The value of each of the 65,536 halves, made when first asked for: a power of two a value would be slow. */
let valueOf: Float32Array | null = null;

export function fromFloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  valueOf ??= Float32Array.from({ length: 0x10000 }, (_, half) => valueOfHalf(half));
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) values[i] = valueOf[halves[i]!]!;
  return values;
}

function valueOfHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}
