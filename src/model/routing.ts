// What a MoE layer is told from outside, and what it reports. Balance, muting, forcing and editing are all inputs of the one router.
import { moeLayerCount, type ModelConfig } from '../config/modelConfig';
import type { Assignments } from '../kernels/assignments/assignments';
import type { RouterDecision } from '../kernels/router/router';
import { floatTensor, intTensor, type Tensor } from '../kernels/tensor';
import type { Steering } from './steering';

/** Inputs of one layer's router that do not come from its tokens. */
export interface RouterInputs {
  /** Added to the scores for choosing only: the balance bias among others. */
  readonly choiceOffset: Tensor; // [1, E] or [N, E]
  /** Multiplies a chosen expert's weight: 1, or 0 for a muted one. */
  readonly contribution: Tensor; // [1, E] or [N, E]
  /** Experts given from outside; a row that starts with −1 leaves the choice to the router. */
  readonly given: Tensor; // [1, K] or [N, K] int32
  /** What these inputs cannot say of an intervention; left out: nothing. */
  readonly steering?: Steering;
}

/** What one MoE layer did with N tokens. Its `totals` are the very numbers that balance and screen read. */
export type Routing = RouterDecision & Assignments;

/** Router inputs of every MoE layer in which only `offsets[layer]` ([1, E]) steers. The caller owns the new tensors (each is shared by all layers). */
export function plainRouterInputs(config: ModelConfig, offsets: readonly Tensor[]): RouterInputs[] {
  if (moeLayerCount(config) === 0) return [];
  const contribution = floatTensor(new Float32Array(config.nRoutedExperts).fill(1), [1, config.nRoutedExperts]);
  const given = intTensor(new Int32Array(config.numExpertsPerTok).fill(-1), [1, config.numExpertsPerTok]);
  return offsets.map((choiceOffset) => ({ choiceOffset, contribution, given }));
}
