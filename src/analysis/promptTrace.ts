// Everything that happened to the tokens of one prompt, as columns, and what follows from it.

/** The likeliest next tokens at some places. */
export interface Predictions {
  /** Ids a place has. */
  readonly count: number; // c
  /** [places, c], the likeliest first. */
  readonly ids: Int32Array;
  /** Their log-probabilities, nats. */
  readonly logs: Float32Array;
}

/** T tokens, L MoE layers, E experts. */
export interface PromptTrace {
  readonly tokens: number; // T
  readonly layers: number; // L
  readonly experts: number; // E
  /** Places for experts a token has: the largest K of any. */
  readonly expertsPerToken: number; // K
  readonly scores: Float32Array; // [L, T, E]
  /** What was added to the scores for choosing: the bias, and ±1000 at an expert that was forced or kept away. */
  readonly offsets: Float32Array; // [L, T, E]
  /** The best biased score first; −1 in places a token does not fill. */
  readonly chosen: Int16Array; // [L, T, K]
  /** After normalising and scaling; 0 for a muted expert. */
  readonly weights: Float32Array; // [L, T, K]
  /** ‖w·SwiGLU(x)‖ of each chosen expert. */
  readonly norms: Float32Array; // [L, T, K]
  /** ‖SwiGLU_shared(x)‖; 0 where there are none. */
  readonly sharedNorms: Float32Array; // [L, T]
  /** c_(K) − c_(K+1) of the router's own choice. */
  readonly margins: Float32Array; // [L, T]
  /** Experts that the bare scores would not have chosen. */
  readonly offsetChanged: Uint8Array; // [L, T]
  /** How unexpected the token was, nats; NaN for the first. */
  readonly surprise: Float32Array; // [T]
  /** What follows each token. */
  readonly next: Predictions; // T places
  /** The same read from the residual stream after the embedding and after each layer, on demand. */
  readonly lens: LensReading | null;
}

export interface LensReading extends Predictions {
  /** Residual streams read: layers + 1. The places are [readings, T]. */
  readonly readings: number;
  /** Surprise by each token as that stream would have it, [readings, T] nats; NaN for the first token. */
  readonly surprise: Float32Array;
}

/** One expert's part in one decision. */
export interface Candidate {
  readonly expert: number;
  readonly score: number;
  readonly offset: number;
  /** score + offset as the router adds them: in float32. */
  readonly biased: number;
  /** Its place in `chosen`; −1: not chosen. */
  readonly rank: number;
  /** The score over the sum of the chosen ones' scores; 0 where not chosen. */
  readonly normalised: number;
  readonly weight: number;
  readonly norm: number;
}

/** The decision of one token in one MoE layer: all experts, the best biased score first (ties: the lower number). */
export function decisionOf(trace: PromptTrace, layer: number, token: number): Candidate[] {
  const { tokens, experts, expertsPerToken } = trace;
  const row = layer * tokens + token;
  const chosen = trace.chosen.subarray(row * expertsPerToken, (row + 1) * expertsPerToken);
  const scoreOf = (expert: number) => trace.scores[row * experts + expert]!;
  let total = 0;
  for (const expert of chosen) if (expert >= 0) total += scoreOf(expert);
  const candidates = Array.from({ length: experts }, (_, expert): Candidate => {
    const score = scoreOf(expert);
    const offset = trace.offsets[row * experts + expert]!;
    const rank = chosen.indexOf(expert);
    const place = row * expertsPerToken + rank;
    return {
      expert,
      score,
      offset,
      biased: Math.fround(score + offset),
      rank,
      normalised: rank < 0 ? 0 : score / total,
      weight: rank < 0 ? 0 : trace.weights[place]!,
      norm: rank < 0 ? 0 : trace.norms[place]!,
    };
  });
  return candidates.sort((a, b) => b.biased - a.biased || a.expert - b.expert);
}

/** Two traces of the same tokens. */
export interface TraceComparison {
  /** Surprise with the change less surprise without, nats [T]; NaN for the first token. */
  readonly surpriseChange: Float32Array;
  /** Σ p·(ln p − ln q) of what follows each token, p without and q with the change, nats [T]. */
  readonly divergence: Float32Array;
  /** Experts of the changed choice that the other did not have, [L, T]. */
  readonly moved: Uint8Array;
}

/** What a change of the model did. @param divergence [T] nats, handed on */
export function comparison(baseline: PromptTrace, changed: PromptTrace, divergence: Float32Array): TraceComparison {
  const { layers, tokens } = baseline;
  const moved = new Uint8Array(layers * tokens);
  for (let row = 0; row < moved.length; row++) {
    const before = baseline.chosen.subarray(row * baseline.expertsPerToken, (row + 1) * baseline.expertsPerToken);
    const after = changed.chosen.subarray(row * changed.expertsPerToken, (row + 1) * changed.expertsPerToken);
    for (const expert of after) if (expert >= 0 && !before.includes(expert)) moved[row]!++;
  }
  return { surpriseChange: changed.surprise.map((nats, token) => nats - baseline.surprise[token]!), divergence, moved };
}

/** Assignments of each expert by the tokens of a prompt, the end token before it left out, [L, E]. */
export function promptLoad({ layers, tokens, experts, expertsPerToken: K, chosen }: PromptTrace): Float32Array {
  const load = new Float32Array(layers * experts);
  for (let layer = 0; layer < layers; layer++) {
    const own = chosen.subarray((layer * tokens + 1) * K, (layer + 1) * tokens * K);
    for (const expert of own) if (expert >= 0) load[layer * experts + expert]!++;
  }
  return load;
}

/** Gate weight of each expert for each token of one layer, [E, T]; NaN where it was not chosen. */
export function weightsByExpert(
  { tokens, experts, expertsPerToken: K, chosen, weights }: PromptTrace,
  layer: number,
): Float32Array {
  const values = new Float32Array(experts * tokens).fill(NaN);
  for (let at = layer * tokens * K; at < (layer + 1) * tokens * K; at++) {
    const token = Math.floor(at / K) - layer * tokens;
    if (chosen[at]! >= 0) values[chosen[at]! * tokens + token] = weights[at]!;
  }
  return values;
}
