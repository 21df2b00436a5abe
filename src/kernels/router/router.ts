// The router: which experts a token goes to, and with what weight. Sigmoid scores choose through a bias, and weigh without it.
import * as tf from '@tensorflow/tfjs-core';
import { oneHot } from '../oneHot';
import { defineOperation } from '../operation';

type Inputs = {
  /** Router logits [N, E]. */
  logits: tf.Tensor;
  /** Added to the scores for choosing only, [1, E] or [N, E]: the balance bias, and interventions that steer the choice. */
  choiceOffset: tf.Tensor;
  /** Multiplies an expert's weight after normalising and scaling, [1, E] or [N, E]: 1, or 0 for a muted expert. */
  contribution: tf.Tensor;
  /** Experts given from outside, int32 [1, K] or [N, K]; a row that starts with −1 leaves the choice to the router. */
  given: tf.Tensor;
};
export type RouterAttributes = { expertsPerToken: number; groups: number; topGroups: number; normalise: boolean; scale: number };

const EXCLUDED = -1e30;
const WEIGHT_FLOOR = 1e-20;

/** The biased scores with the experts of all but the best `topGroups` groups excluded. A group's score is the sum of its two largest. */
function keepTopGroups(choice: tf.Tensor, groups: number, topGroups: number): tf.Tensor {
  const [N, E] = choice.shape as [number, number];
  if (groups <= 1) return choice;
  const inGroup = tf.reshape(choice, [N, groups, E / groups]);
  const groupScore = tf.sum(tf.topk(inGroup, Math.min(2, E / groups)).values, -1);
  const kept = tf.sum(oneHot(tf.topk(groupScore, topGroups).indices, groups), 1);
  const excluded = tf.mul(tf.sub(kept, 1), -EXCLUDED);
  return tf.reshape(tf.add(tf.mul(inGroup, tf.expandDims(kept, -1)), tf.expandDims(excluded, -1)), [N, E]);
}

/** The margin at the cut, and how many choices the offset changed, [N, 2]: see `routerOperation`. */
function diagnose(choice: tf.Tensor, unbiased: tf.Tensor, K: number): tf.Tensor {
  const E = choice.shape[1]!;
  const best = tf.topk(choice, Math.min(K + 1, E)).values;
  const atCut = tf.slice(best, [0, K - 1], [-1, 1]);
  const margin = E > K ? tf.sub(atCut, tf.slice(best, [0, K], [-1, 1])) : tf.zerosLike(atCut);
  const biasedSet = tf.sum(oneHot(tf.topk(choice, K).indices, E), 1);
  const unbiasedSet = tf.sum(oneHot(tf.topk(unbiased, K).indices, E), 1);
  const changed = tf.sum(tf.mul(biasedSet, tf.sub(1, unbiasedSet)), -1, true);
  return tf.concat([margin, changed], -1);
}

/** Scores at the chosen experts, [N, K]. */
function atChosen(values: tf.Tensor, chosen: tf.Tensor): tf.Tensor {
  const E = values.shape[1]!;
  return tf.sum(tf.mul(tf.expandDims(values, 1), oneHot(chosen, E)), -1);
}

/**
 * s = sigmoid(logits); c = s + choiceOffset; I = the K largest c among the kept groups, the largest first (ties: the lower index);
 * w_i = s_i for i in I, divided by their sum + 1e-20 if `normalise`, times `scale`, times contribution_i.
 * With u_i = s_i and S = Σ u + 1e-20: du_i = scale·(a_i − Σ_j a_j·u_j / S) / S where a = contribution·dw (without normalising: scale·a_i);
 * ds = d scores + du scattered to I; d logits = ds·s·(1 − s). The choice itself has no gradient.
 * Outputs: weights [N, K], chosen [N, K] int32, scores [N, E], diagnostics [N, 2]: the margin c_(K) − c_(K+1) among kept groups
 * (beyond 1e29 where fewer than K + 1 experts are kept) and |TopK(c) ∖ TopK(s)|.
 */
export const routerOperation = defineOperation<Inputs, RouterAttributes>(
  'Router',
  ['logits', 'choiceOffset', 'contribution', 'given'],
  {
    forward: ({ logits, choiceOffset, contribution, given }, { expertsPerToken: K, groups, topGroups, normalise, scale }) => {
      const [N, E] = logits.shape as [number, number];
      const scores = tf.sigmoid(logits);
      const choice = keepTopGroups(tf.add(scores, choiceOffset), groups, topGroups);
      const diagnostics = diagnose(choice, keepTopGroups(scores, groups, topGroups), K);
      const own = tf.topk(choice, K).indices;
      const first = tf.slice(given, [0, 0], [-1, 1]);
      const isGiven = tf.cast(tf.greaterEqual(first, tf.scalar(0, 'int32')), 'int32');
      const chosen = tf.add(tf.mul(given, isGiven), tf.mul(own, tf.sub(tf.scalar(1, 'int32'), isGiven)));
      const raw = atChosen(scores, chosen);
      const divided = normalise ? tf.div(raw, tf.add(tf.sum(raw, -1, true), WEIGHT_FLOOR)) : raw;
      const weights = tf.mul(tf.mul(divided, scale), atChosen(tf.mul(contribution, tf.ones([N, E])), chosen));
      return [weights, chosen, scores, diagnostics];
    },
    backward: ([dWeights, , dScores], { contribution }, [, chosen, scores], { normalise, scale }) => {
      const E = scores!.shape[1]!;
      const a = tf.mul(tf.mul(dWeights!, atChosen(tf.mul(contribution, tf.onesLike(scores!)), chosen!)), scale);
      const u = atChosen(scores!, chosen!);
      const S = tf.add(tf.sum(u, -1, true), WEIGHT_FLOOR);
      const du = normalise ? tf.div(tf.sub(a, tf.div(tf.sum(tf.mul(a, u), -1, true), S)), S) : a;
      const scattered = tf.sum(tf.mul(tf.expandDims(du, -1), oneHot(chosen!, E)), 1);
      return { logits: tf.mul(tf.add(dScores!, scattered), tf.mul(scores!, tf.sub(1, scores!))) };
    },
  },
  [0, 2],
);

/** What the router decided for N tokens. */
export interface RouterDecision {
  readonly weights: tf.Tensor; // [N, K]
  readonly chosen: tf.Tensor; // [N, K] int32, the best biased score first
  readonly scores: tf.Tensor; // [N, E]
  readonly diagnostics: tf.Tensor; // [N, 2] margin, choices the offset changed
}

/** @param inputs logits [N, E] and the router inputs that are always bound: offset, contribution, given experts */
export function chooseExperts(inputs: Inputs, attributes: RouterAttributes): RouterDecision {
  const [weights, chosen, scores, diagnostics] = routerOperation(inputs, attributes);
  return { weights: weights!, chosen: chosen!, scores: scores!, diagnostics: diagnostics! };
}
