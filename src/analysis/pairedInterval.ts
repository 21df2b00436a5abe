// How sure a difference is that was measured on documents: each against itself, so that easy and hard texts cancel.

/** A mean over tokens, and where it lies with 95% confidence were other documents of the kind drawn. */
export interface Estimate {
  readonly mean: number;
  /** NaN from fewer than two documents. */
  readonly low: number;
  readonly high: number;
}

const Z_975 = 1.959963984540054;

/** The 97.5% quantile of Student's t, by its expansion in 1/ν (Cornish and Fisher): within 1% from ν = 3 on; exact for 1 and 2. */
export function tQuantile975(freedom: number): number {
  if (freedom === 1) return Math.tan(0.475 * Math.PI);
  if (freedom === 2) return 0.95 * Math.sqrt(2 / (1 - 0.95 ** 2));
  const z = Z_975;
  return (
    z +
    (z ** 3 + z) / (4 * freedom) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * freedom ** 3)
  );
}

/**
 * Mean difference a token, Σ differences / Σ tokens, with the interval of a ratio of sums over documents.
 * @param differences summed over the tokens of each document [D] @param tokens of each document [D]
 */
export function pairedEstimate(differences: ArrayLike<number>, tokens: ArrayLike<number>): Estimate {
  const D = differences.length;
  let total = 0;
  let count = 0;
  for (let d = 0; d < D; d++) {
    total += differences[d]!;
    count += tokens[d]!;
  }
  const mean = total / count;
  if (D < 2) return { mean, low: NaN, high: NaN };
  let squares = 0;
  for (let d = 0; d < D; d++) squares += (differences[d]! - mean * tokens[d]!) ** 2;
  const reach = (tQuantile975(D - 1) * Math.sqrt((D / (D - 1)) * squares)) / count;
  return { mean, low: mean - reach, high: mean + reach };
}
