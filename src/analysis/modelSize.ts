// How large a model is, by arithmetic alone: what the page shows before anything is allocated.
import { isMoeLayer, type ModelConfig } from '../config/modelConfig';

export type Component = 'embedding' | 'attention' | 'denseMlp' | 'router' | 'routedExperts' | 'sharedExperts' | 'norms' | 'head';
export const COMPONENTS: readonly Component[] = [
  'embedding',
  'attention',
  'denseMlp',
  'router',
  'routedExperts',
  'sharedExperts',
  'norms',
  'head',
];

export interface ModelSize {
  /** Parameters by component. The selection bias is state, not a parameter. */
  readonly total: Readonly<Record<Component, number>>;
  /** Those one token passes through; the embedding counts whole, as published active counts do. */
  readonly active: Readonly<Record<Component, number>>;
  readonly totalParameters: number;
  readonly activeParameters: number;
}

/** Parameter counts of `config`; dots.llm1's own config gives 142.77 B total and 14.02 B active (MOE.md). */
export function modelSize(config: ModelConfig): ModelSize {
  const C = config.hiddenSize;
  const queryWidth = config.numAttentionHeads * config.headDim;
  const keyWidth = config.numKeyValueHeads * config.headDim;
  const expert = 3 * C * config.moeIntermediateSize;
  const total = Object.fromEntries(COMPONENTS.map((component) => [component, 0])) as Record<Component, number>;
  total.embedding = config.vocabSize * C;
  total.head = config.vocabSize * C;
  total.norms = C;
  let activeRouted = 0;
  for (let layer = 0; layer < config.numHiddenLayers; layer++) {
    total.attention += 2 * C * queryWidth + 2 * C * keyWidth;
    total.norms += 2 * C + (config.qkNorm ? 2 * config.headDim : 0);
    if (isMoeLayer(config, layer)) {
      total.router += config.nRoutedExperts * C;
      total.routedExperts += config.nRoutedExperts * expert;
      total.sharedExperts += config.nSharedExperts * expert;
      activeRouted += config.numExpertsPerTok * expert;
    } else total.denseMlp += 3 * C * config.intermediateSize;
  }
  const active = { ...total, routedExperts: activeRouted };
  const add = (counts: Record<Component, number>) =>
    COMPONENTS.reduce((parameters, component) => parameters + counts[component], 0);
  return { total, active, totalParameters: add(total), activeParameters: add(active) };
}
