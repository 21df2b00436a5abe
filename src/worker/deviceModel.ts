// Weights as plain numbers become a model on the device that can be asked.
import type { ModelWeights } from '../checkpoint/exchange/layout';
import { moeLayerCount } from '../config/modelConfig';
import type { RunConfig } from '../config/trainConfig';
import { allOrNothing, dispose, floatTensor } from '../kernels/tensor';
import type { LiveModel } from '../model/liveModel';
import { parameterSpecs } from '../model/parameters';
import { Balancer } from '../training/balancer';

interface Weights extends ModelWeights {
  readonly config: RunConfig;
}

export interface OnDevice {
  readonly model: LiveModel;
  free(): void;
}

/** Puts weights on the current backend; the caller frees them. */
export function onDevice({ config, parameters, biases }: Weights): OnDevice {
  const { model, train } = config;
  const { nRoutedExperts: experts } = model;
  const { tensors, balancer } = allOrNothing(() => ({
    tensors: parameterSpecs(model).map(({ shape }, index) => floatTensor(parameters[index]!, [...shape])),
    balancer: new Balancer(
      moeLayerCount(model),
      experts,
      biases.map((bias) => floatTensor(bias, [1, experts])),
    ),
  }));
  return {
    model: { config: model, parameters: tensors, choiceOffsets: balancer.choiceOffsets(train.balanceMode) },
    free: () => {
      dispose(tensors);
      balancer.dispose();
    },
  };
}
