// Where a run stands, as plain numbers: what a trainer is started from so that it goes on to the bit as if it had never stopped.
import { moeLayerCount } from '../config/modelConfig';
import type { LoggedChange, RunConfig, TrainConfig } from '../config/trainConfig';
import { assert } from '../core/assert';
import { floatTensor, read, type Tensor } from '../kernels/tensor';
import { parameterSpecs } from '../model/parameters';
import { Balancer } from './balancer';
import { Optimizer } from './optimizer';
import { withLiveChange } from './schedule';

export interface TrainerState {
  /** Steps finished. */
  readonly step: number;
  /** Live changes that hold already, in order. */
  readonly changes: readonly LoggedChange[];
  /** Live changes that will hold from their steps on, in order; none is stamped earlier than `step`. */
  readonly upcoming: readonly LoggedChange[];
  /** One a parameter, in the order of `parameterSpecs`. */
  readonly parameters: readonly Float32Array[];
  readonly firstMoments: readonly Float32Array[];
  readonly secondMoments: readonly Float32Array[];
  /** [E] for each MoE layer. */
  readonly biases: readonly Float32Array[];
}

/** `train` after the changes of a log. */
export function afterChanges(train: TrainConfig, log: readonly LoggedChange[]): TrainConfig {
  return log.reduce((current, { step, change }) => withLiveChange(current, change, step + 1), train);
}

/** The tensors of `optimizer` and `balancer`, each read once. All reads are asked for at once, so no later step gets between them. */
export async function readTensors(
  optimizer: Optimizer,
  balancer: Balancer,
): Promise<Pick<TrainerState, 'parameters' | 'firstMoments' | 'secondMoments' | 'biases'>> {
  const all = (tensors: readonly Tensor[]) => Promise.all(tensors.map(read));
  const [parameters, { first, second }, biases] = await Promise.all([
    all(optimizer.values),
    optimizer.moments(),
    all(balancer.values),
  ]);
  return { parameters, firstMoments: first, secondMoments: second, biases };
}

/** An optimizer and a balancer as `state` holds them. Throws, with the names, if its numbers do not fit `config`. */
export function restore(state: TrainerState, { model }: RunConfig): { optimizer: Optimizer; balancer: Balancer } {
  const specs = parameterSpecs(model);
  const checked = (values: readonly Float32Array[], part: string): readonly Float32Array[] => {
    assert(values.length === specs.length, `${values.length} ${part} for ${specs.length} parameters`);
    for (const [index, { name, shape }] of specs.entries()) {
      const size = shape.reduce((product, length) => product * length, 1);
      assert(values[index]!.length === size, () => `${part} of ${name}: ${values[index]!.length} numbers, expected ${size}`);
    }
    return values;
  };
  const { nRoutedExperts } = model;
  const layers = moeLayerCount(model);
  assert(
    state.biases.length === layers && state.biases.every(({ length }) => length === nRoutedExperts),
    `biases [${state.biases.map(({ length }) => length).join(', ')}] for ${layers} layers of ${nRoutedExperts} experts`,
  );
  const parameters = checked(state.parameters, 'parameters');
  const moments = {
    first: checked(state.firstMoments, 'first moments'),
    second: checked(state.secondMoments, 'second moments'),
  };
  return {
    optimizer: new Optimizer(
      specs.map(({ shape }, index) => floatTensor(parameters[index]!, [...shape])),
      moments,
    ),
    balancer: new Balancer(
      layers,
      nRoutedExperts,
      state.biases.map((bias) => floatTensor(bias, [1, nRoutedExperts])),
    ),
  };
}
