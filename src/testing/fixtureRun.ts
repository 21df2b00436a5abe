// A program of its own, built as the commands of a shell are: repeats the reference models on the backend it is told, and writes as JSON how
// far it was from them.
import { parameterFrom } from '../checkpoint/dots1';
import { startEngine, BACKENDS } from '../headless/engine';
import { Trouble } from '../headless/trouble';
import { crossEntropy } from '../kernels/crossEntropy/crossEntropy';
import { differentiate, filled, read } from '../kernels/tensor';
import { bindParameters, parameterSpecs } from '../model/parameters';
import { forward } from '../model/transformer';
import { fixtureBatch, meanLoss, relativeError, valueOf } from './fixtureModel';
import { followTrajectory, type Deviation } from './fixtureTrajectory';

interface PassDeviation {
  readonly logits: number;
  readonly loss: number;
  /** Of the tensor that is furthest off. */
  readonly gradients: number;
}

async function passOf(name: string): Promise<PassDeviation> {
  const { config, expected, parameters, routers, positions, ids, targets } = await fixtureBatch(name);
  const { logits } = forward(ids, bindParameters(config, parameters), positions, routers, config);
  const gradients = differentiate(() => {
    const losses = crossEntropy(forward(ids, bindParameters(config, parameters), positions, routers, config).logits, targets);
    return [{ of: losses, gradient: filled(losses.shape, 1 / losses.size) }];
  }, parameters);
  const errors = [];
  for (const [index, spec] of parameterSpecs(config).entries())
    errors.push(relativeError(await read(gradients[index]!), valueOf(parameterFrom(expected, spec.name, spec.shape, 'grad.'))));
  return {
    logits: relativeError(await read(logits), expected.get('logits')!.values),
    loss: relativeError(await read(meanLoss(logits, targets)), expected.get('loss')!.values),
    gradients: Math.max(...errors),
  };
}

try {
  const backend = BACKENDS.find((name) => name === process.argv[2]);
  if (!backend) throw new Trouble(`${process.argv[2]} is no backend: ${BACKENDS.join(', ')}.`, 2);
  const { device } = await startEngine(backend);
  const models: Record<string, PassDeviation & Deviation> = {};
  for (const name of ['tiny-a', 'tiny-b']) models[name] = { ...(await passOf(name)), ...(await followTrajectory(name)) };
  process.stdout.write(`${JSON.stringify({ backend, device, models })}\n`);
  process.exit(0);
} catch (thrown) {
  if (!(thrown instanceof Trouble)) throw thrown;
  process.stderr.write(`${thrown.message}\n`);
  process.exit(thrown.exitCode);
}
