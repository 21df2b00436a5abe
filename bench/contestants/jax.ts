// jax-js as a contestant: loss, gradients and AdamW in one compiled function.
import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, valueAndGrad } from '@jax-js/jax';
import { isMoeLayer, moeLayerCount, type ModelConfig } from '../../src/config/modelConfig';
import type { RunConfig } from '../../src/config/trainConfig';
import { shifted } from '../../src/training/loss';
import { syntheticText } from '../workloads';
import { FIRST_LOSSES, isWarm, type Contestant, type ContestantSpec, type StepTime } from './contestant';
import { constantsFor, meanLoss, type Constants, type Weights } from './jaxModel';
import { peerWeights } from './peerWeights';

/** The very numbers our run starts from. */
function initialWeights(model: ModelConfig, seed: number): Weights {
  return Object.fromEntries(
    Object.entries(peerWeights(model, seed)).map(([name, { values, shape }]) => [name, np.array(values).reshape([...shape])]),
  );
}

/** `biases`: of each MoE layer, by its number, [1, E]. */
type State = { readonly weights: Weights; readonly first: Weights; readonly second: Weights; readonly biases: Weights };
/** What the loss is differentiated by. */
type Learned = { readonly weights: Weights; readonly embedded: np.Array };
/** What changes from step to step besides the state. */
type StepInput = {
  readonly inputs: np.Array; // [N] int32
  readonly targets: np.Array; // [N] int32
  readonly correction1: np.Array; // [] 1 − β₁^t
  readonly correction2: np.Array; // [] 1 − β₂^t
};

/**
 * Loss, gradients, the decoupled update (arXiv 1711.05101), as `kernels/adamW` has it but for clipping, and the biases' move by the sign of
 * their layers' load.
 */
function compiledStep({ model, train }: RunConfig) {
  const { beta1, beta2, adamEpsilon, weightDecay, learningRate, batchSize, sequenceLength, biasUpdateSpeed } = train;
  const fairShare = (batchSize * sequenceLength * model.numExpertsPerTok) / model.nRoutedExperts;
  const lossOf = ({ weights, embedded }: Learned, biases: Weights, targets: np.Array, constants: Constants) =>
    meanLoss(weights, embedded, biases, targets, constants, model, batchSize);
  return jit((state: State, { inputs, targets, correction1, correction2 }: StepInput, constants: Constants) => {
    const names = Object.keys(state.weights);
    const weights = Object.fromEntries(
      names.filter((name) => name !== 'embedding').map((name) => [name, state.weights[name]!.ref]),
    );
    const words = nn.oneHot(inputs, model.vocabSize); // [N, V]
    const embedded = np.matmul(words.ref, state.weights['embedding']!.ref); // [N, C]
    const chosenBy = Object.fromEntries(Object.entries(state.biases).map(([layer, bias]) => [layer, bias.ref]));
    const wanted = nn.oneHot(targets, model.vocabSize);
    const differentiated = valueAndGrad(lossOf, { hasAux: true })({ weights, embedded }, chosenBy, wanted, constants);
    const [[loss, loads], learned] = differentiated as unknown as [[np.Array, Weights], Learned];
    const { weights: gradients, embedded: atLookup } = learned;
    gradients['embedding'] = np.matmul(words.transpose(), atLookup.ref);
    const next: State = { weights: {}, first: {}, second: {}, biases: {} };
    for (const [layer, load] of Object.entries(loads))
      next.biases[layer] = state.biases[layer]!.add(np.sign(load.mul(-1).add(fairShare)).mul(biasUpdateSpeed));
    for (const name of names) {
      const gradient = gradients[name]!;
      const weight = state.weights[name]!;
      const first = state.first[name]!.mul(beta1).add(gradient.ref.mul(1 - beta1));
      const second = state.second[name]!.mul(beta2).add(np.square(gradient).mul(1 - beta2));
      const scale = np.sqrt(second.ref.div(correction2.ref)).add(adamEpsilon);
      const direction = first.ref.div(correction1.ref).div(scale);
      const decay = weight.shape.length >= 2 ? weightDecay : 0;
      next.weights[name] = weight.mul(1 - learningRate * decay).sub(direction.mul(learningRate));
      next.first[name] = first;
      next.second[name] = second;
    }
    correction1.dispose();
    correction2.dispose();
    return { loss, state: next, atLookup };
  });
}

export function createJax({ run, backend }: ContestantSpec): Contestant {
  const { balanceMode, sequenceLossWeight } = run.train;
  if (moeLayerCount(run.model) > 0 && (balanceMode !== 'sign' || sequenceLossWeight !== 0))
    throw new Error(`the peer's mixture has no balance mode ${balanceMode} with a sequence loss of ${sequenceLossWeight}`);
  const device = backend === 'wasm' ? 'wasm' : 'webgpu';
  const { train } = run;
  const text = syntheticText(run);
  let advance = (): Promise<{ loss: number; ms: number }> => Promise.reject(new Error('not started'));

  function prepare(): void {
    const compiled = compiledStep(run);
    const constants = constantsFor(run.model, train.sequenceLength);
    const weights = initialWeights(run.model, train.seed);
    const zeros = () => Object.fromEntries(Object.entries(weights).map(([name, { shape }]) => [name, np.zeros(shape)]));
    const { numHiddenLayers, nRoutedExperts } = run.model;
    const layers = Array.from({ length: numHiddenLayers }, (_, layer) => layer).filter((layer) => isMoeLayer(run.model, layer));
    const biases = Object.fromEntries(layers.map((layer) => [layer, np.zeros([1, nRoutedExperts])]));
    let state: State = { weights, first: zeros(), second: zeros(), biases };
    let done = 0;
    advance = async () => {
      const begun = performance.now();
      const { inputs, targets } = shifted(text.batch(done++).ids, train.batchSize, train.sequenceLength);
      const input = {
        inputs: np.array(inputs),
        targets: np.array(targets),
        correction1: np.array(1 - train.beta1 ** done),
        correction2: np.array(1 - train.beta2 ** done),
      };
      const held = { cos: constants.cos.ref, sin: constants.sin.ref, mask: constants.mask.ref };
      const result = compiled(state, input, held) as { loss: np.Array; state: State; atLookup: np.Array };
      result.atLookup.dispose();
      state = result.state;
      await blockUntilReady(state.weights);
      const [loss] = await result.loss.data();
      return { loss: Number(loss), ms: performance.now() - begun };
    };
  }

  return {
    async start() {
      const devices = await init(device);
      if (!devices.includes(device)) throw new Error(`jax-js has no ${device} here`);
      defaultDevice(device);
      prepare();
      const begun = performance.now();
      const { ms: firstStepMs, loss } = await advance();
      const losses = [loss];
      while (!isWarm(losses.length, begun)) losses.push((await advance()).loss);
      return { losses: losses.slice(0, FIRST_LOSSES), firstStepMs };
    },
    async time(steps) {
      const times: StepTime[] = [];
      for (let done = 0; done < steps; done++) {
        const { ms } = await advance();
        times.push({ step: ms, passes: ms, parts: null });
      }
      return { times, tensors: null };
    },
  };
}
