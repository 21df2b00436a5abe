// What a model is: the fields of a Hugging Face `dots1` config, in camelCase.

export interface ModelConfig {
  readonly vocabSize: number; // V
  readonly hiddenSize: number; // C
  /** Width of the dense SwiGLU of the first `firstKDenseReplace` layers (and of every layer of a dense model). */
  readonly intermediateSize: number;
  readonly moeIntermediateSize: number; // I
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number; // H
  /** Divides numAttentionHeads; fewer than that means grouped queries. */
  readonly numKeyValueHeads: number;
  readonly headDim: number; // D, even
  /** 0 makes a dense model: every layer is dense. */
  readonly nRoutedExperts: number; // E
  readonly nSharedExperts: number;
  readonly numExpertsPerTok: number; // K
  readonly nGroup: number;
  readonly topkGroup: number;
  readonly normTopkProb: boolean;
  readonly routedScalingFactor: number;
  readonly firstKDenseReplace: number;
  readonly rmsNormEps: number;
  readonly ropeTheta: number;
  readonly maxPositionEmbeddings: number;
  readonly initializerRange: number;
  /** false leaves dots.llm1: no RMSNorm on q and k. */
  readonly qkNorm: boolean;
}

/** Layer `layer` routes its tokens to experts (as against a dense SwiGLU). */
export function isMoeLayer(config: ModelConfig, layer: number): boolean {
  return config.nRoutedExperts > 0 && layer >= config.firstKDenseReplace;
}

/** Number of layers that route. */
export function moeLayerCount(config: ModelConfig): number {
  return config.nRoutedExperts > 0 ? Math.max(0, config.numHiddenLayers - config.firstKDenseReplace) : 0;
}
