// A model that can be asked: its config, its weights and what steers its routers at this moment.
import type { ModelConfig } from '../config/modelConfig';
import type { Tensor } from '../kernels/tensor';

export interface LiveModel {
  readonly config: ModelConfig;
  /** In the order of `parameterSpecs`. */
  readonly parameters: readonly Tensor[];
  /** Choice offset of each MoE layer's router, [1, E]. */
  readonly choiceOffsets: readonly Tensor[];
}
