// A batch of text through the unchanged model: how surprised it is, and which experts it chose.
import { crossEntropy } from '../kernels/crossEntropy/crossEntropy';
import { packed } from '../kernels/packed/packed';
import { prepared } from '../kernels/prepared';
import { dispose, intTensor, read, sumOf, tidy } from '../kernels/tensor';
import type { LiveModel } from '../model/liveModel';
import { bindParameters } from '../model/parameters';
import { plainRouterInputs } from '../model/routing';
import { forward, positionsFor } from '../model/transformer';
import type { TextBatch } from './sharedPrefix';

/** Cross entropy summed over the targets, nats [1], then the choices of each MoE layer [N, K], laid end to end. */
export async function lossAndChoices(model: LiveModel, { inputs, targets, sequences, length }: TextBatch): Promise<Float32Array> {
  const { config } = model;
  const pass = () =>
    tidy(() => {
      const routers = plainRouterInputs(config, model.choiceOffsets);
      const parameters = bindParameters(config, model.parameters);
      const tokens = intTensor(inputs, [inputs.length]);
      const { logits, routings } = forward(tokens, parameters, positionsFor(config, sequences, length), routers, config);
      const losses = crossEntropy(logits, intTensor(targets, [targets.length]));
      return packed([sumOf(losses), ...routings.map(({ chosen }) => chosen)]);
    });
  const told = await prepared(JSON.stringify(['choices', config, sequences, length]), pass);
  return read(told).finally(() => dispose(told));
}
