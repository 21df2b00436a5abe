// Planted faults in routing, balancing and optimizing: the checker must report every one, or it proves nothing.
import * as tf from '@tensorflow/tfjs-core';
import { oneHot } from '../oneHot';
import type { Attributes, NamedTensors } from '../operation';
import { firstTwoSwapped, givenWrongly, gradientWrong, outputWrong, rowsOf, withoutLastRow, type Fault } from './faultKit';
import { caseOf } from './table';

/** Weights that are the biased scores of the chosen experts, normalised. */
function biasedWeights({ choiceOffset, contribution }: NamedTensors, chosen: tf.Tensor, scores: tf.Tensor): tf.Tensor {
  const E = scores.shape[1]!;
  const picks = oneHot(chosen, E);
  const biased = tf.sum(tf.mul(tf.expandDims(tf.add(scores, choiceOffset!), 1), picks), -1);
  const shares = tf.sum(tf.mul(tf.expandDims(contribution!, 1), picks), -1);
  return tf.mul(tf.div(biased, tf.sum(biased, -1, true)), shares);
}

const routed = caseOf('Router', 'the default preset');
const routerGrouped = caseOf('Router', 'two of four groups');
const expertsSquare = caseOf('Experts', 'square matrices');
const expertsIdle = caseOf('Experts', 'experts without a token');
const adam = caseOf('AdamW', 'above the clip');
const inSequences = caseOf('SequenceBalance', '3 sequences of 7');

/** Another attribute. */
const attributeWrong = (wrong: Attributes) =>
  givenWrongly((_inputs, attributes) => ({ attributes: { ...attributes, ...wrong } }));

export const ROUTING_FAULTS: readonly Fault[] = [
  {
    name: 'the biased score weighs',
    testCase: routed,
    plant: outputWrong(0, (_w, inputs, [, chosen, scores]) => biasedWeights(inputs, chosen!, scores!)),
  },
  {
    name: 'the bias does not choose',
    testCase: routed,
    plant: givenWrongly((inputs) => ({ inputs: { ...inputs, choiceOffset: tf.zerosLike(inputs.choiceOffset!) } })),
  },
  { name: 'groups are ignored', testCase: routerGrouped, plant: attributeWrong({ groups: 1 }) },
  { name: 'weights are not normalised', testCase: routerGrouped, plant: attributeWrong({ normalise: false }) },
  { name: 'weights are not scaled', testCase: routerGrouped, plant: attributeWrong({ scale: 1 }) },
  {
    name: 'among equals the higher index wins',
    testCase: caseOf('Router', 'every score equal'),
    plant: outputWrong(1, (chosen) => tf.sub(tf.scalar(11, 'int32'), chosen)),
  },
  {
    name: 'given experts are ignored',
    testCase: caseOf('Router', 'some experts given'),
    plant: givenWrongly((inputs) => ({ inputs: { ...inputs, given: tf.tensor([-1, -1], [1, 2], 'int32') } })),
  },
  {
    name: 'one offset row serves all tokens',
    testCase: caseOf('Router', 'of each token'),
    plant: givenWrongly((inputs) => ({ inputs: { ...inputs, choiceOffset: rowsOf(inputs.choiceOffset!, 0, 1) } })),
  },
  {
    name: 'the scores pass no gradient',
    testCase: routed,
    plant: (path) => ({
      forward: path.forward.bind(path),
      backward: ([dW, d1, dS, d3], ...rest) => path.backward!([dW!, d1!, tf.zerosLike(dS!), d3!], ...rest),
    }),
  },
  {
    name: 'normalising has no gradient',
    testCase: routed,
    plant: (path) => ({
      forward: path.forward.bind(path),
      backward: (d, i, o, attributes) => path.backward!(d, i, o, { ...attributes, normalise: false }),
    }),
  },
  {
    name: 'equal experts arrive in reverse',
    testCase: caseOf('Assignments', 'only the last expert'),
    plant: outputWrong(1, (order) => tf.sub(tf.scalar(8, 'int32'), order)),
  },
  {
    name: 'position is order, not its inverse',
    testCase: caseOf('Assignments', 'every expert in use'),
    plant: outputWrong(2, (_p, _inputs, [, order]) => tf.clone(order!)),
  },
  {
    name: 'the load counts gate mass',
    testCase: caseOf('Assignments', 'every expert in use'),
    plant: outputWrong(3, (totals) => tf.concat([rowsOf(totals, 1, 1), rowsOf(totals, 1, 1)])),
  },
  {
    name: 'two experts are swapped',
    testCase: expertsSquare,
    plant: givenWrongly((inputs) => ({ inputs: { ...inputs, down: firstTwoSwapped(inputs.down!) } })),
  },
  {
    name: 'the weights of the experts are ignored',
    testCase: expertsIdle,
    plant: givenWrongly((inputs) => ({ inputs: { ...inputs, weights: tf.onesLike(inputs.weights!) } })),
  },
  { name: 'each expert loses its last token', testCase: expertsIdle, plant: outputWrong(0, withoutLastRow) },
  {
    name: 'the down gradient is transposed',
    testCase: expertsSquare,
    plant: gradientWrong(({ down }) => ({ down: tf.transpose(down!, [0, 2, 1]) })),
  },
  {
    name: 'gate and up exchange gradients',
    testCase: expertsSquare,
    plant: gradientWrong(({ gate, up }) => ({ gate: tf.clone(up!), up: tf.clone(gate!) })),
  },
  {
    name: 'the weights get no gradient',
    testCase: expertsSquare,
    plant: gradientWrong(({ weights }) => ({ weights: tf.zerosLike(weights!) })),
  },
  {
    name: 'frequencies are counted over the whole batch',
    testCase: inSequences,
    plant: (path) => ({
      forward: (inputs, attributes) => {
        const [, ...saved] = path.forward(inputs, attributes);
        return [tf.tile(path.forward(inputs, { ...attributes, sequences: 1 })[0]!, [3]), ...saved];
      },
      backward: path.backward?.bind(path),
    }),
  },
  {
    name: 'the loss is summed over sequences',
    testCase: inSequences,
    plant: gradientWrong(({ scores0 }) => ({ scores0: tf.mul(scores0!, 3) })),
  },
  {
    name: 'layers get one another’s balance gradient',
    testCase: inSequences,
    plant: gradientWrong(({ scores0, scores1 }) => ({ scores0: scores1!, scores1: scores0! })),
  },
  {
    name: 'a busy expert gains bias',
    testCase: caseOf('BiasUpdate', 'five experts'),
    plant: outputWrong(0, (change) => tf.neg(change)),
  },
  {
    name: 'the bias forgets what it was',
    testCase: caseOf('BiasUpdate', 'five experts'),
    plant: outputWrong(1, (_next, _inputs, [change]) => tf.reshape(change!, [1, 5])),
  },
  {
    name: 'a step that is not finite moves the bias',
    testCase: caseOf('BiasUpdate', 'not finite'),
    plant: givenWrongly((inputs) => ({ inputs: { ...inputs, control: tf.ones([3]) } })),
  },
  {
    name: 'gate mass moves the bias',
    testCase: caseOf('BiasUpdate', 'five experts'),
    plant: givenWrongly((inputs) => ({ inputs: { ...inputs, totals0: tf.reverse(inputs.totals0!, 0) } })),
  },
  {
    name: 'the change is not recentred',
    testCase: caseOf('BiasUpdate', 'sign, recentred'),
    plant: attributeWrong({ recentred: false }),
  },
  {
    name: 'the norm is a sum of absolute values',
    testCase: adam,
    plant: outputWrong(0, (control, { gradient0 }) =>
      tf.concat([tf.reshape(tf.sum(tf.abs(gradient0!)), [1]), rowsOf(control, 1, 2)]),
    ),
  },
  {
    name: 'no clip clips to zero',
    testCase: caseOf('AdamW', 'no clip'),
    plant: outputWrong(0, (control) => tf.mul(control, tf.tensor([1, 0, 1]))),
  },
  {
    name: 'infinity passes for finite',
    testCase: caseOf('AdamW', 'an infinite gradient'),
    plant: outputWrong(0, (control) => tf.concat([rowsOf(control, 0, 2), tf.ones([1])])),
  },
  { name: 'moments are not corrected', testCase: adam, plant: attributeWrong({ correction1: 1, correction2: 1 }) },
  { name: 'the gradient is not clipped', testCase: adam, plant: attributeWrong({ clip: 0 }) },
  { name: 'nothing decays', testCase: adam, plant: attributeWrong({ weightDecay: 0 }) },
  {
    name: 'vectors decay too',
    testCase: caseOf('AdamW', 'what decays'),
    plant: (path) => ({
      forward: (inputs, attributes) => {
        const outputs = path.forward(inputs, attributes);
        return outputs.map((output, index) => (index === 3 ? tf.mul(output, 0.99) : output));
      },
    }),
  },
  {
    name: 'a step that is not finite is taken',
    testCase: caseOf('AdamW', 'an infinite gradient'),
    plant: outputWrong(1, (moment) => tf.mul(moment, 0.9)),
  },
  {
    name: 'a figure reads the column beside its own',
    testCase: caseOf('Figures', 'sums and largest'),
    plant: attributeWrong({ column2: 2 }),
  },
  {
    name: 'the largest is the sum',
    testCase: caseOf('Figures', 'sums and largest'),
    plant: attributeWrong({ largest1: false }),
  },
  {
    name: 'the factor is forgotten',
    testCase: caseOf('Figures', 'sums and largest'),
    plant: attributeWrong({ factor0: 1 }),
  },
  {
    name: 'a piece begins one late',
    testCase: caseOf('Packed', 'pieces of floats'),
    plant: attributeWrong({ start0: 4 }),
  },
  {
    name: 'whole numbers begin at the first',
    testCase: caseOf('Packed', 'pieces of floats'),
    plant: attributeWrong({ start1: 0 }),
  },
  {
    name: 'a pair is left as it was',
    testCase: caseOf('Accumulation', 'several pairs'),
    plant: givenWrongly((inputs) => ({ inputs: { ...inputs, next2: tf.zerosLike(inputs['next2']!) } })),
  },
  {
    name: 'a pair is added twice',
    testCase: caseOf('Accumulation', 'several pairs'),
    plant: givenWrongly((inputs) => ({ inputs: { ...inputs, next0: tf.mul(inputs['next0']!, 2) } })),
  },
];
