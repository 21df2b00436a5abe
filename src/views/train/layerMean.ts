// Biases as the choice of experts sees them: what all experts of a layer have in common changes no choice.
import { layerRow } from '../../analysis/load';
import { mean } from '../../core/stats';

/** Each expert's bias less the mean of its layer. @param bias [layers, experts] */
export function aroundLayerMean(bias: Float32Array, experts: number): Float32Array {
  const around = new Float32Array(bias.length);
  for (let layer = 0; layer < bias.length / experts; layer++) {
    const row = layerRow(bias, layer, experts);
    const common = mean(row);
    around.set(
      row.map((one) => one - common),
      layer * experts,
    );
  }
  return around;
}
