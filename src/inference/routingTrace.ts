// The raw routing of some tokens, as it comes off the device in one piece.

/** Which experts L MoE layers chose for T consecutive tokens, with what weight. */
export interface RoutingTrace {
  readonly tokens: number; // T
  readonly layers: number; // L
  /** Places for experts a token has: the largest K of any. */
  readonly expertsPerToken: number; // K
  readonly chosen: Int16Array; // [L, T, K], the most wanted expert first; −1 in places a token does not fill
  readonly weights: Float32Array; // [L, T, K]
}

/**
 * @param values `chosen` then `weights` of each MoE layer, each [rows, its width], laid end to end
 * @param tokens how many of the rows count, from the first
 * @param widths places of each layer
 * @param filled how many of them token `t` of the rows has experts in
 */
export function routingTrace(
  values: Float32Array,
  tokens: number,
  rows: number,
  widths: readonly number[],
  filled: (layer: number, t: number) => number,
): RoutingTrace {
  const expertsPerToken = Math.max(0, ...widths);
  const size = tokens * expertsPerToken;
  const chosen = new Int16Array(widths.length * size).fill(-1);
  const weights = new Float32Array(widths.length * size);
  let start = 0;
  for (const [layer, width] of widths.entries()) {
    for (let t = 0; t < tokens; t++) {
      const from = start + t * width;
      const count = Math.min(width, filled(layer, t));
      const place = layer * size + t * expertsPerToken;
      chosen.set(values.subarray(from, from + count), place);
      weights.set(values.subarray(from + rows * width, from + rows * width + count), place);
    }
    start += 2 * rows * width;
  }
  return { tokens, layers: widths.length, expertsPerToken, chosen, weights };
}
