// From logits to a token.
import type { Rng } from '../core/rng';

/**
 * Draws a token from softmax(logits / temperature); temperature 0 takes the largest.
 * @param logits [V] @returns an id in [0, V)
 */
export function sampleToken(logits: ArrayLike<number>, temperature: number, rng: Rng): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id;
  if (temperature === 0) return best;
  const peak = logits[best]!;
  const weights = new Float64Array(logits.length);
  let total = 0;
  for (let id = 0; id < weights.length; id++) total += weights[id] = Math.exp((logits[id]! - peak) / temperature);
  let left = rng.uniform() * total;
  for (let id = 0; id < weights.length; id++) {
    left -= weights[id]!;
    if (left < 0) return id;
  }
  return best;
}
