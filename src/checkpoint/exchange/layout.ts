// How the engine's tensors lie in a published dots1 checkpoint: one tensor an expert where the engine keeps a stack, biases beside weights.
import { isMoeLayer, moeLayerCount, type ModelConfig } from '../../config/modelConfig';
import { biasSpecs, type SpecsOf } from '../runParts';

/** One tensor of a checkpoint, and where its values are in the engine's. */
export interface PublishedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Values, the product of the shape. */
  readonly size: number;
  /** `nothing`: it has no values, and stands in a checkpoint only because other readers look for its name. */
  readonly part: 'parameter' | 'bias' | 'nothing';
  /** Which of the parameters (in the order of their specs) or biases (one a MoE layer), */
  readonly index: number;
  /** and where in it: experts lie one behind the other. */
  readonly offset: number;
}

/** Parameters and biases of a model as flat numbers, in the order of their specs. */
export interface ModelWeights {
  readonly parameters: readonly Float32Array[];
  /** [E] for each MoE layer. */
  readonly biases: readonly Float32Array[];
}

const STACK = '.mlp.experts.';

/** Every tensor of a checkpoint of `model`, in the order in which it is written. */
export function publishedTensors(model: ModelConfig, specsOf: SpecsOf): PublishedTensor[] {
  const tensors: PublishedTensor[] = [];
  for (const [index, { name, shape }] of specsOf(model).entries()) {
    if (!name.includes(STACK)) {
      tensors.push({ name, shape, size: elements(shape), part: 'parameter', index, offset: 0 });
      continue;
    }
    const [experts, ...one] = shape;
    const size = elements(one);
    const [before, after] = name.split(STACK);
    for (let expert = 0; expert < experts!; expert++)
      tensors.push({
        name: `${before}${STACK}${expert}.${after}`,
        shape: one,
        size,
        part: 'parameter',
        index,
        offset: expert * size,
      });
  }
  for (const [index, { name, shape }] of biasSpecs(model).entries())
    tensors.push({ name, shape, size: elements(shape), part: 'bias', index, offset: 0 });
  return [...tensors, ...emptyShared(model)];
}

/** How many `publishedTensors` gives, without making them. */
export function publishedCount(model: ModelConfig): number {
  const moe = moeLayerCount(model);
  const everyLayer = 8; // two norms, four projections, two norms of queries and keys
  return 3 + model.numHiddenLayers * everyLayer + (model.numHiddenLayers - moe) * 3 + moe * (2 + 3 * model.nRoutedExperts + 3);
}

/** Without shared experts other readers still make them, of width 0, and miss their tensors. */
function emptyShared(model: ModelConfig): PublishedTensor[] {
  if (model.nSharedExperts > 0) return [];
  const { hiddenSize } = model;
  return Array.from({ length: model.numHiddenLayers }, (_, layer) => layer)
    .filter((layer) => isMoeLayer(model, layer))
    .flatMap((layer) =>
      (['gate_proj', 'up_proj', 'down_proj'] as const).map((matrix) => ({
        name: `model.layers.${layer}.mlp.shared_experts.${matrix}.weight`,
        shape: matrix === 'down_proj' ? [hiddenSize, 0] : [0, hiddenSize],
        size: 0,
        part: 'nothing' as const,
        index: 0,
        offset: 0,
      })),
    );
}

/** Bytes of a model's float32 tensors: all of them, and the largest one. */
export function weightBytes(model: ModelConfig, specsOf: SpecsOf): { readonly total: number; readonly largest: number } {
  const sizes = [...specsOf(model), ...biasSpecs(model)].map(({ shape }) => elements(shape) * Float32Array.BYTES_PER_ELEMENT);
  return { total: sizes.reduce((total, bytes) => total + bytes, 0), largest: Math.max(...sizes) };
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
