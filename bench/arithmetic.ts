// How much arithmetic a step needs, by formula: only products of matrices are counted, a multiplication and an addition as two.
import { isMoeLayer, type ModelConfig } from '../src/config/modelConfig';
import type { RunConfig } from '../src/config/trainConfig';

export interface LinearShape {
  readonly inputs: number;
  readonly outputs: number;
}

/** The dense linear layers every token passes, head included; routed experts are not among them. */
export function linearShapes(model: ModelConfig): LinearShape[] {
  const C = model.hiddenSize;
  const queryWidth = model.numAttentionHeads * model.headDim;
  const keyWidth = model.numKeyValueHeads * model.headDim;
  const mlp = (width: number): LinearShape[] =>
    width === 0
      ? []
      : [
          { inputs: C, outputs: width },
          { inputs: C, outputs: width },
          { inputs: width, outputs: C },
        ];
  const shapes: LinearShape[] = [];
  for (let layer = 0; layer < model.numHiddenLayers; layer++) {
    shapes.push({ inputs: C, outputs: queryWidth }, { inputs: C, outputs: keyWidth }, { inputs: C, outputs: keyWidth });
    shapes.push({ inputs: queryWidth, outputs: C });
    if (!isMoeLayer(model, layer)) shapes.push(...mlp(model.intermediateSize));
    else shapes.push({ inputs: C, outputs: model.nRoutedExperts }, ...mlp(model.nSharedExperts * model.moeIntermediateSize));
  }
  shapes.push({ inputs: C, outputs: model.vocabSize });
  return shapes;
}

/** FLOPs one token needs in the forward pass of the layers of `linearShapes`: Σ 2·inputs·outputs. */
export function linearFlops(model: ModelConfig): number {
  return linearShapes(model).reduce((sum, { inputs, outputs }) => sum + 2 * inputs * outputs, 0);
}

/**
 * FLOPs of a whole training step: 3 × the forward pass (the backward pass has two products for each one), with K routed experts a token and
 * causal attention, whose token t looks at t + 1 keys, (T + 1)/2 on average, twice: scores and values.
 */
export function stepFlops({ model, train }: RunConfig): number {
  const { numAttentionHeads: H, headDim: D, numExpertsPerTok: K, moeIntermediateSize: I, hiddenSize: C } = model;
  const tokens = train.batchSize * train.sequenceLength;
  let routed = 0;
  for (let layer = 0; layer < model.numHiddenLayers; layer++) if (isMoeLayer(model, layer)) routed += 2 * K * 3 * C * I;
  const attention = model.numHiddenLayers * 2 * 2 * H * D * ((train.sequenceLength + 1) / 2);
  return 3 * tokens * (linearFlops(model) + routed + attention);
}

/** FLOPs of the products that `contestants/matmul` times. */
export function linearStepFlops({ model, train }: RunConfig): number {
  return 3 * train.batchSize * train.sequenceLength * linearFlops(model);
}
