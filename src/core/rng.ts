// Chance is an argument. Every draw is a pure function of (seed, stream, step, index): no hidden state to save or restore.

/** Names of the independent streams of randomness. Adding one never disturbs another. */
export const STREAMS = { init: 1, data: 2, validation: 3, sample: 4, split: 5, routing: 6 } as const;
export type Stream = keyof typeof STREAMS;

/** 32-bit avalanche (the finaliser of MurmurHash3). */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

export interface Rng {
  /** Uniform integer in [0, 2³²). */
  uint32(): number;
  /** Uniform in [0, 1) with 24 random bits, exact in float32. */
  uniform(): number;
  /** Uniform integer in [0, n). */
  below(n: number): number;
  /** Standard normal, by Box–Muller. */
  normal(): number;
}

/**
 * A generator for one (seed, stream, step): counter-based, so any draw of any step can be repeated alone.
 * The state is the small Sfc32 generator, seeded by mixing the three counters.
 */
export function rngFor(seed: number, stream: Stream, step = 0): Rng {
  let a = mix(seed ^ 0x9e3779b9);
  let b = mix(a ^ mix(STREAMS[stream] + 0x6a09e667));
  let c = mix(b ^ mix(step + 0x3c6ef372));
  let counter = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  const uniform = () => (next() >>> 8) / 0x1000000;
  return {
    uint32: next,
    uniform,
    below: (n) => Math.floor(uniform() * n),
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}
