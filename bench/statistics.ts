// Figures over rounds. Contestants take turns, so the two times of one round met the same machine: ratios are taken within rounds.

/** The middle of the sorted values, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The value that a share of `p` of the values does not exceed (nearest rank); NaN of nothing. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? NaN;
}

/** Median of numerator[i] / denominator[i]; both hold one value a round. */
export function pairedRatio(numerator: readonly number[], denominator: readonly number[]): number {
  if (numerator.length !== denominator.length) throw new Error(`${numerator.length} rounds against ${denominator.length}`);
  return median(numerator.map((value, round) => value / denominator[round]!));
}

/** The exponent p of y ≈ a·xᵖ: the slope of log y over log x by least squares. */
export function exponent(x: readonly number[], y: readonly number[]): number {
  const lx = x.map(Math.log);
  const ly = y.map(Math.log);
  const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [meanOf(lx), meanOf(ly)];
  const covariance = lx.reduce((sum, value, i) => sum + (value - mx) * (ly[i]! - my), 0);
  return covariance / lx.reduce((sum, value) => sum + (value - mx) ** 2, 0);
}
