// How evenly a layer's tokens fall on its experts. Every figure here is about training tokens of one MoE layer unless it says more.
// Definitions: MOE.md, "Metrics".
import { rngFor } from '../core/rng';
import { entropy, max, mean, sum } from '../core/stats';

/** load_i / Σ load, [E]; all zero where nothing was routed. */
export function loadShares(load: ArrayLike<number>): Float64Array {
  const total = sum(load);
  return Float64Array.from(load, (assignments) => (total > 0 ? assignments / total : 0));
}

/** load_i / mean(load), [E]: 1 is the fair share, 0 is idle. NaN where nothing was routed. */
export function relativeLoad(load: ArrayLike<number>): Float32Array {
  const fairShare = mean(load);
  return Float32Array.from(load, (assignments) => assignments / fairShare);
}

/** MaxVio = max(load) / mean(load) − 1: by how much the busiest expert exceeds its fair share. 0 is perfect balance. */
export function maxVio(load: ArrayLike<number>): number {
  return max(load) / mean(load) - 1;
}

/** The largest MaxVio there can be: every token picks the same K of E experts. */
export function maxVioCeiling(experts: number, expertsPerToken: number): number {
  return experts / expertsPerToken - 1;
}

/** Row `layer` of a row-major [L, E] array, as a view. */
export function layerRow(values: Float32Array, layer: number, experts: number): Float32Array {
  return values.subarray(layer * experts, (layer + 1) * experts);
}

/** Mean of the layers' own MaxVio; load [L, E]. */
export function meanMaxVio(load: Float32Array, layers: number, experts: number): number {
  let total = 0;
  for (let layer = 0; layer < layers; layer++) total += maxVio(layerRow(load, layer, experts));
  return total / layers;
}

/** A window is long enough to call an expert dead when it expects this many tokens of each. */
export const DEAD_WINDOW_TOKENS = 100;
const DEAD_RELATIVE_LOAD = 0.01;

/**
 * Experts with less than a hundredth of their fair share, of load [E] summed over a window.
 * null: the window expects fewer than DEAD_WINDOW_TOKENS an expert, too few to say.
 */
export function deadExperts(windowLoad: ArrayLike<number>): number[] | null {
  const fairShare = mean(windowLoad);
  if (!(fairShare >= DEAD_WINDOW_TOKENS)) return null;
  return Array.from(windowLoad, (assignments, expert) => (assignments / fairShare < DEAD_RELATIVE_LOAD ? expert : -1)).filter(
    (expert) => expert >= 0,
  );
}

/** exp(H) / E, H the entropy of the load shares: 1 when all experts share alike, 1/E when one has everything. */
export function effectiveExpertShare(load: ArrayLike<number>): number {
  return Math.exp(entropy(load)) / load.length;
}

/** A layer has collapsed when it uses fewer than half of its experts in effect. */
export function hasCollapsed(load: ArrayLike<number>): boolean {
  return effectiveExpertShare(load) < 0.5;
}

/** Draws taken for the floor; its own error is then about 2% of it. */
const FLOOR_DRAWS = 150;
/** From this fair share on, the skew of a binomial load no longer shows in the figure. */
const NORMAL_FROM = 200;
const FLOOR_SEED = 20_240_815;

/**
 * MaxVio to expect when each of `tokens` tokens picks `expertsPerToken` of `experts` experts uniformly at random: what is left
 * even of perfect routing, because a batch is a sample. Real text clumps more, so this is a lower bound.
 * Mean over seeded draws. An expert's load is binomial(tokens, K/E), drawn as a normal where that is close, and the loads are
 * then centred, because together they are always tokens × K; with few tokens each token's choice is drawn itself.
 */
export function samplingFloor(tokens: number, experts: number, expertsPerToken: number): number {
  if (experts <= expertsPerToken || tokens <= 0) return 0;
  const rng = rngFor(FLOOR_SEED, 'sample', experts);
  const chance = expertsPerToken / experts;
  const fairShare = tokens * chance;
  let total = 0;
  if (fairShare >= NORMAL_FROM) {
    // Var = N·p·(1 − p) for each expert; centring E independent normals loses 1/E of the variance, which the factor restores.
    const deviation = Math.sqrt((tokens * chance * (1 - chance) * experts) / (experts - 1));
    const loads = new Float64Array(experts);
    for (let draw = 0; draw < FLOOR_DRAWS; draw++) {
      for (let expert = 0; expert < experts; expert++) loads[expert] = rng.normal();
      total += ((max(loads) - mean(loads)) * deviation) / fairShare;
    }
    return total / FLOOR_DRAWS;
  }
  const order = Int32Array.from({ length: experts }, (_, expert) => expert);
  const loads = new Float64Array(experts);
  for (let draw = 0; draw < FLOOR_DRAWS; draw++) {
    loads.fill(0);
    for (let token = 0; token < tokens; token++) {
      for (let k = 0; k < expertsPerToken; k++) {
        const other = k + rng.below(experts - k);
        const chosen = order[other]!;
        order[other] = order[k]!;
        order[k] = chosen;
        loads[chosen]!++;
      }
    }
    total += maxVio(loads);
  }
  return total / FLOOR_DRAWS;
}

/** Mean over layers of the share of choices that the bias decided, [L] → one number; NaN without layers. */
export function meanBiasChangedShare(shares: ArrayLike<number>): number {
  return mean(shares);
}
