// Where two texts, or one text in two models, go: which experts each side uses, layer by layer, and how far apart that is.
import { assert } from '../core/assert';
import type { Rng } from '../core/rng';
import { entropy, mean } from '../core/stats';
import { layerRow, loadShares } from './load';

/** What a model chose for some texts, one after the other. P texts, N tokens of all of them, L MoE layers, E experts. */
export interface TextRoutes {
  readonly layers: number; // L
  readonly experts: number; // E
  readonly expertsPerToken: number; // K
  /** Tokens of each text, without the end token that stands before it, [P]. */
  readonly tokens: Int32Array;
  /** [N]. */
  readonly ids: Int32Array;
  /** [L, N, K]. */
  readonly chosen: Int16Array;
}

/** Two sides of one shape, layer by layer. */
export interface RouteComparison {
  readonly layers: number; // L
  readonly experts: number; // E
  /** Assignments of each expert on each side, [L, E]. */
  readonly loads: readonly [Float32Array, Float32Array];
  /** Mean over tokens of |A ∩ B| / K, the larger K where they differ, [L]; null where the sides read different tokens. */
  readonly overlap: Float64Array | null;
  /** What `overlap` would be if each side drew its experts at random: the smaller K over E. */
  readonly overlapByChance: number;
  /** Σ min(p, q) / Σ max(p, q) of the load shares p and q: the weighted Jaccard index of the experts used, [L]. */
  readonly jaccard: Float64Array;
  /** Jensen–Shannon divergence of the load shares, bits: 0 the same, 1 no expert in common, [L]. */
  readonly divergence: Float64Array;
}

/** What `divergence` comes to when the texts of both sides are dealt anew to two sides of the same sizes, layer by layer [L], bits. */
export interface DealtDivergence {
  readonly mean: Float64Array;
  /** Below it lie 95% of the deals. */
  readonly high: Float64Array;
}

export interface ExpertDifference {
  readonly layer: number;
  readonly expert: number;
  /** Share of its layer's assignments on each side. */
  readonly shares: readonly [number, number];
  /** The second side's share less the first's. */
  readonly difference: number;
}

/** Expert numbers of both sides can stand for the same places. */
export function haveOneShape(a: TextRoutes, b: TextRoutes): boolean {
  return a.layers === b.layers && a.experts === b.experts && a.layers > 0;
}

export function compareRoutes(a: TextRoutes, b: TextRoutes): RouteComparison {
  assert(haveOneShape(a, b), `${a.layers} × ${a.experts} experts beside ${b.layers} × ${b.experts}`);
  const { layers, experts } = a;
  const loads = [loadOf(a), loadOf(b)] as const;
  const rows = Array.from({ length: layers }, (_, layer) => loads.map((load) => loadShares(layerRow(load, layer, experts)))) as [
    Float64Array,
    Float64Array,
  ][];
  return {
    layers,
    experts,
    loads,
    overlap: readTheSame(a, b) ? meanOverlap(a, b) : null,
    overlapByChance: Math.min(a.expertsPerToken, b.expertsPerToken) / experts,
    jaccard: Float64Array.from(rows, ([p, q]) => weightedJaccard(p, q)),
    divergence: Float64Array.from(rows, ([p, q]) => jensenShannon(p, q)),
  };
}

/** Assignments of each expert, [L, E]. */
export function loadOf(routes: TextRoutes): Float32Array {
  const load = new Float32Array(routes.layers * routes.experts);
  loadsByText(routes).forEach((part) => part.forEach((assignments, at) => (load[at]! += assignments)));
  return load;
}

/** Assignments of each expert by each text alone, P times [L, E]. */
function loadsByText({ layers, experts, expertsPerToken: K, tokens, ids, chosen }: TextRoutes): Float32Array[] {
  let first = 0;
  return Array.from(tokens, (count) => {
    const load = new Float32Array(layers * experts);
    for (let layer = 0; layer < layers; layer++) {
      const from = (layer * ids.length + first) * K;
      for (const expert of chosen.subarray(from, from + count * K)) if (expert >= 0) load[layer * experts + expert]!++;
    }
    first += count;
    return load;
  });
}

function readTheSame(a: TextRoutes, b: TextRoutes): boolean {
  const same = (x: Int32Array, y: Int32Array): boolean => x.length === y.length && x.every((value, at) => value === y[at]);
  return same(a.tokens, b.tokens) && same(a.ids, b.ids);
}

/**
 * Router saturation: the share of the assignments of `last`, the end of a run, that `earlier` already makes for the same tokens; mean over
 * tokens of |E(t) ∩ E(T)| / K, [L]. 1: the router has settled; drawn at random it is K / E. Muennighoff et al. 2024, OLMoE, section 5.1.
 * Throws where they read different tokens.
 */
export function saturation(earlier: TextRoutes, last: TextRoutes): Float64Array {
  assert(haveOneShape(earlier, last) && readTheSame(earlier, last), 'saturation is told of the same tokens and experts');
  return meanOverlap(earlier, last);
}

/** Share of tokens whose set of experts is not the same on both sides, [L]. Throws where they read different tokens. */
export function changedShare(a: TextRoutes, b: TextRoutes): Float64Array {
  assert(haveOneShape(a, b) && readTheSame(a, b), 'changes are told of the same tokens and experts');
  const N = a.ids.length;
  return Float64Array.from({ length: a.layers }, (_, layer) => {
    let changed = 0;
    for (let row = layer * N; row < (layer + 1) * N; row++) {
      const others = setOf(b, row);
      const own = setOf(a, row);
      if (own.size !== others.size || [...own].some((expert) => !others.has(expert))) changed++;
    }
    return changed / N;
  });
}

const setOf = ({ chosen, expertsPerToken: K }: TextRoutes, row: number): Set<number> =>
  new Set(chosen.subarray(row * K, (row + 1) * K));

function meanOverlap(a: TextRoutes, b: TextRoutes): Float64Array {
  const N = a.ids.length;
  const K = Math.max(a.expertsPerToken, b.expertsPerToken);
  const chosenBy = ({ chosen, expertsPerToken }: TextRoutes, row: number): Int16Array =>
    chosen.subarray(row * expertsPerToken, (row + 1) * expertsPerToken);
  return Float64Array.from({ length: a.layers }, (_, layer) => {
    let shared = 0;
    for (let row = layer * N; row < (layer + 1) * N; row++) {
      const others = chosenBy(b, row);
      for (const expert of chosenBy(a, row)) if (expert >= 0 && others.includes(expert)) shared++;
    }
    return shared / (N * K);
  });
}

/** Σ min(p, q) / Σ max(p, q); NaN where both are empty. */
function weightedJaccard(p: Float64Array, q: Float64Array): number {
  let shared = 0;
  let all = 0;
  for (let i = 0; i < p.length; i++) {
    shared += Math.min(p[i]!, q[i]!);
    all += Math.max(p[i]!, q[i]!);
  }
  return shared / all;
}

/** H((p + q) / 2) − (H(p) + H(q)) / 2 in bits. */
function jensenShannon(p: Float64Array, q: Float64Array): number {
  const middle = p.map((share, i) => (share + q[i]!) / 2);
  return Math.max(0, entropy(middle) - (entropy(p) + entropy(q)) / 2) / Math.LN2;
}

/** Fewer texts on a side than this have too few deals to speak of chance. */
const FEWEST_TEXTS = 3;

/**
 * The divergence to expect of sides that differ in nothing but their texts: all texts are shuffled and dealt to sides of the same
 * sizes, `deals` times. null where a side has too few texts.
 */
export function dealtDivergence(a: TextRoutes, b: TextRoutes, deals: number, rng: Rng): DealtDivergence | null {
  if (Math.min(a.tokens.length, b.tokens.length) < FEWEST_TEXTS) return null;
  const { layers, experts } = a;
  const texts = [...loadsByText(a), ...loadsByText(b)];
  const found = Array.from({ length: layers }, () => new Float64Array(deals));
  for (let deal = 0; deal < deals; deal++) {
    for (let i = texts.length - 1; i > 0; i--) {
      const other = rng.below(i + 1);
      [texts[i], texts[other]] = [texts[other]!, texts[i]!];
    }
    const sides = [new Float32Array(layers * experts), new Float32Array(layers * experts)] as const;
    texts.forEach((load, i) => {
      const side = sides[i < a.tokens.length ? 0 : 1];
      for (let at = 0; at < load.length; at++) side[at]! += load[at]!;
    });
    found.forEach((of, layer) => {
      const [p, q] = sides.map((load) => loadShares(layerRow(load, layer, experts)));
      of[deal] = jensenShannon(p!, q!);
    });
  }
  return {
    mean: Float64Array.from(found, mean),
    high: Float64Array.from(found, (of) => of.toSorted()[Math.ceil(0.95 * deals) - 1]!),
  };
}

/** The experts whose shares differ most, the largest difference first. */
export function mostDifferent({ layers, experts, loads }: RouteComparison, count: number): ExpertDifference[] {
  const all: ExpertDifference[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const [p, q] = loads.map((load) => loadShares(layerRow(load, layer, experts))) as [Float64Array, Float64Array];
    for (let expert = 0; expert < experts; expert++) {
      const shares = [p[expert]!, q[expert]!] as const;
      all.push({ layer, expert, shares, difference: shares[1] - shares[0] });
    }
  }
  return all.sort((x, y) => Math.abs(y.difference) - Math.abs(x.difference)).slice(0, count);
}
