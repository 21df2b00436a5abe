// jax-js as a contestant: loss, gradients and AdamW in one compiled function.
import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, valueAndGrad } from '@jax-js/jax';
import type { ModelConfig } from '../../src/config/modelConfig';
import type { RunConfig } from '../../src/config/trainConfig';
import { initialValues, parameterSpecs } from '../../src/model/parameters';
import { shifted } from '../../src/training/loss';
import { syntheticText } from '../workloads';
import { FIRST_LOSSES, type Contestant, type ContestantSpec, type StepTime } from './contestant';
import { constantsFor, meanLoss, type Constants, type Weights } from './jaxModel';

const WARM_STEPS = 8;

/** Hugging Face's name of a tensor, as `jaxModel` calls it. */
const SHORT: Readonly<Record<string, string>> = {
  input_layernorm: 'inputNorm',
  post_attention_layernorm: 'postAttentionNorm',
  'self_attn.q_proj': 'q',
  'self_attn.k_proj': 'k',
  'self_attn.v_proj': 'v',
  'self_attn.o_proj': 'o',
  'self_attn.q_norm': 'qNorm',
  'self_attn.k_norm': 'kNorm',
  'mlp.gate_proj': 'gate',
  'mlp.up_proj': 'up',
  'mlp.down_proj': 'down',
  'model.embed_tokens': 'embedding',
  'model.norm': 'norm',
  lm_head: 'head',
};

function shortName(name: string): string {
  const [, layer, rest] = /^(?:model\.layers\.(\d+)\.)?(.*)\.weight$/.exec(name) ?? [];
  const short = SHORT[rest ?? ''];
  if (!short) throw new Error(`the peer's model has no ${name}`);
  return layer === undefined ? short : `${layer}.${short}`;
}

/** The very numbers our run starts from; matrices laid out as [in, out], the embedding as it is. */
function initialWeights(model: ModelConfig, seed: number): Weights {
  const weights: Weights = {};
  for (const [index, spec] of parameterSpecs(model).entries()) {
    const name = shortName(spec.name);
    const values = initialValues(spec, index, model, seed);
    const [rows, columns] = spec.shape;
    if (columns === undefined || name === 'embedding')
      weights[name] = np.array(values as Float32Array<ArrayBuffer>).reshape([...spec.shape]);
    else weights[name] = np.array(transposed(values, rows!, columns)).reshape([columns, rows!]);
  }
  return weights;
}

/** [rows, columns] → [columns, rows], laid out afresh: a transposed view would be read across in every step. */
function transposed(values: Float32Array, rows: number, columns: number): Float32Array<ArrayBuffer> {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column]!;
  return result;
}

type State = { readonly weights: Weights; readonly first: Weights; readonly second: Weights };
/** What the loss is differentiated by. */
type Learned = { readonly weights: Weights; readonly embedded: np.Array };
/** What changes from step to step besides the state. */
type StepInput = {
  readonly inputs: np.Array; // [N] int32
  readonly targets: np.Array; // [N] int32
  readonly correction1: np.Array; // [] 1 − β₁^t
  readonly correction2: np.Array; // [] 1 − β₂^t
};

/** Loss, gradients and the decoupled update (arXiv 1711.05101), as `kernels/adamW` has it but for clipping. */
function compiledStep({ model, train }: RunConfig) {
  const { beta1, beta2, adamEpsilon, weightDecay, learningRate, batchSize } = train;
  const lossOf = ({ weights, embedded }: Learned, targets: np.Array, constants: Constants) =>
    meanLoss(weights, embedded, targets, constants, model, batchSize);
  return jit((state: State, { inputs, targets, correction1, correction2 }: StepInput, constants: Constants) => {
    const names = Object.keys(state.weights);
    const weights = Object.fromEntries(
      names.filter((name) => name !== 'embedding').map((name) => [name, state.weights[name]!.ref]),
    );
    const words = nn.oneHot(inputs, model.vocabSize); // [N, V]
    const embedded = np.matmul(words.ref, state.weights['embedding']!.ref); // [N, C]
    const differentiated = valueAndGrad(lossOf)({ weights, embedded }, nn.oneHot(targets, model.vocabSize), constants);
    const [loss, { weights: gradients, embedded: atLookup }] = differentiated as [np.Array, Learned];
    gradients['embedding'] = np.matmul(words.transpose(), atLookup.ref);
    const next: State = { weights: {}, first: {}, second: {} };
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
  const device = backend === 'wasm' ? 'wasm' : 'webgpu';
  const { train } = run;
  const text = syntheticText(run);
  let advance = (): Promise<{ loss: number; ms: number }> => Promise.reject(new Error('not started'));

  function prepare(): void {
    const compiled = compiledStep(run);
    const constants = constantsFor(run.model, train.sequenceLength);
    const weights = initialWeights(run.model, train.seed);
    const zeros = () => Object.fromEntries(Object.entries(weights).map(([name, { shape }]) => [name, np.zeros(shape)]));
    let state: State = { weights, first: zeros(), second: zeros() };
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
      const losses: number[] = [];
      const { ms: firstStepMs, loss } = await advance();
      losses.push(loss);
      while (losses.length < WARM_STEPS) losses.push((await advance()).loss);
      return { losses: losses.slice(0, FIRST_LOSSES), firstStepMs };
    },
    async time(steps) {
      const times: StepTime[] = [];
      for (let done = 0; done < steps; done++) {
        const { ms } = await advance();
        times.push({ step: ms, passes: ms });
      }
      return { times, tensors: null };
    },
  };
}
