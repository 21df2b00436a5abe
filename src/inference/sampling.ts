// From logits to a token.
import type { Predictions } from '../analysis/promptTrace';
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

/** What keeps a text from wandering and from repeating itself. */
export interface Restriction {
  /** Only the so many likeliest tokens can come; 0: all. */
  readonly topK: number;
  /** Only the fewest tokens whose probabilities reach this sum, in (0, 1]; 1: all. */
  readonly topP: number;
  /** Logits of tokens that stand in the text are divided by this where positive, else multiplied (arXiv 1909.05858); 1: nothing. */
  readonly repetitionPenalty: number;
}

/**
 * The logits with tokens that cannot come at −∞: penalty first, then top-k, then top-p among what is left, at this temperature.
 * @param logits [V] @param seen ids of the text so far @param temperature 0 takes the largest, so only the penalty matters then
 */
export function restricted(
  logits: Float32Array,
  seen: readonly number[],
  temperature: number,
  { topK, topP, repetitionPenalty }: Restriction,
): Float32Array {
  const kept = logits.slice();
  if (repetitionPenalty !== 1)
    for (const id of new Set(seen)) kept[id] = kept[id]! > 0 ? kept[id]! / repetitionPenalty : kept[id]! * repetitionPenalty;
  if (temperature === 0 || (topK === 0 && topP === 1)) return kept;
  const order = likeliest(kept, topK === 0 ? kept.length : Math.min(topK, kept.length));
  const weights = order.map((id) => Math.exp((kept[id]! - kept[order[0]!]!) / temperature));
  let left = topP * weights.reduce((sum, weight) => sum + weight, 0);
  const result = new Float32Array(kept.length).fill(-Infinity);
  for (const [place, id] of order.entries()) {
    result[id] = kept[id]!;
    left -= weights[place]!;
    if (topP < 1 && left <= 0) break;
  }
  return result;
}

/** Ids of the `count` largest logits, the largest first (ties: the lower id). */
export function likeliest(logits: ArrayLike<number>, count: number): number[] {
  const ids = Array.from({ length: logits.length }, (_, id) => id);
  return ids.sort((a, b) => logits[b]! - logits[a]! || a - b).slice(0, count);
}

/** The `count` likeliest tokens with their log-probabilities in nats, as one place. @param logits [V] */
export function likelyTokens(logits: Float32Array, count: number): Predictions {
  const ids = Int32Array.from(likeliest(logits, Math.min(count, logits.length)));
  const peak = logits[ids[0]!]!;
  let total = 0;
  for (const logit of logits) total += Math.exp(logit - peak);
  const logs = Float32Array.from(ids, (id) => logits[id]! - peak - Math.log(total));
  return { count: ids.length, ids, logs };
}
