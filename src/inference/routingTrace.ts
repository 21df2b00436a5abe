// The raw routing of some tokens, as it comes off the device in one piece.
import { moeLayerCount, type ModelConfig } from '../config/modelConfig';

/** Which experts L MoE layers chose for T consecutive tokens, with what weight. */
export interface RoutingTrace {
  readonly tokens: number; // T
  readonly layers: number; // L
  readonly expertsPerToken: number; // K
  readonly chosen: Uint16Array; // [L, T, K], the most wanted expert first
  readonly weights: Float32Array; // [L, T, K]
}

/**
 * @param values `chosen` then `weights` of each MoE layer, each [rows, K], laid end to end
 * @param tokens how many of the rows count, from the first
 */
export function routingTrace(values: Float32Array, tokens: number, rows: number, config: ModelConfig): RoutingTrace {
  const layers = moeLayerCount(config);
  const expertsPerToken = config.numExpertsPerTok;
  const block = rows * expertsPerToken;
  const size = tokens * expertsPerToken;
  const chosen = new Uint16Array(layers * size);
  const weights = new Float32Array(layers * size);
  for (let layer = 0; layer < layers; layer++) {
    const start = 2 * layer * block;
    chosen.set(values.subarray(start, start + size), layer * size);
    weights.set(values.subarray(start + block, start + block + size), layer * size);
  }
  return { tokens, layers, expertsPerToken, chosen, weights };
}
