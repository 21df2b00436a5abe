// A trace as a model would give it, of random numbers: for tests of what is made of traces.
import type { PromptTrace } from '../analysis/promptTrace';
import { rngFor } from '../core/rng';

/** L layers, T tokens, E experts, K places; `filled` experts a token, the places after them empty. */
export function sampleTrace(seed: number, layers: number, tokens: number, experts: number, K: number, filled = K): PromptTrace {
  const rng = rngFor(seed, 'sample');
  const random = (length: number): Float32Array => Float32Array.from({ length }, () => rng.uniform());
  const chosen = new Int16Array(layers * tokens * K).fill(-1);
  const weights = new Float32Array(layers * tokens * K);
  for (let row = 0; row < layers * tokens; row++) {
    const order = Array.from({ length: experts }, (_, expert) => ({ expert, rank: rng.uniform() }));
    order.sort((a, b) => b.rank - a.rank);
    for (let k = 0; k < filled; k++) {
      chosen[row * K + k] = order[k]!.expert;
      weights[row * K + k] = rng.uniform();
    }
  }
  const surprise = random(tokens);
  surprise[0] = NaN;
  return {
    tokens,
    layers,
    experts,
    expertsPerToken: K,
    scores: random(layers * tokens * experts),
    offsets: random(layers * tokens * experts),
    chosen,
    weights,
    norms: random(layers * tokens * K),
    sharedNorms: random(layers * tokens),
    margins: random(layers * tokens),
    offsetChanged: Uint8Array.from({ length: layers * tokens }, () => rng.below(2)),
    surprise,
    next: { count: 2, ids: Int32Array.from({ length: 2 * tokens }, () => rng.below(99)), logs: random(2 * tokens) },
    lens: null,
  };
}
