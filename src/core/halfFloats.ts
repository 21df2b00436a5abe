// Numbers of 16 bits: bfloat16 (the upper half of a float32) and IEEE 754 binary16. Narrowing rounds to the nearest, ties to even.

const bitsOf = (values: Float32Array): Uint32Array => new Uint32Array(values.slice().buffer);

/** NaN stays NaN; what lies beyond the largest bfloat16 becomes an infinity. */
export function toBfloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  return Uint16Array.from(bitsOf(values), (bits) => {
    if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40;
    return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
  });
}

export function fromBfloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}

/** NaN stays NaN; what rounds beyond 65504 becomes an infinity. */
export function toFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  return Uint16Array.from(bitsOf(values), (bits) => {
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
  });
}

export function fromFloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(halves, (half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >>> 10) & 31;
    const fraction = half & 1023;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
  });
}
