// A router's decision under interventions. What its inputs cannot say is done here to choices and weights, before the experts see them.
import type { ModelConfig } from '../config/modelConfig';
import { columns, liftedAt, replaced, rowsFrom, widened } from '../kernels/choices';
import { chooseExperts, type RouterDecision } from '../kernels/router/router';
import { scaled, type Tensor } from '../kernels/tensor';
import type { RouterInputs } from './routing';

/** Added to a choice offset, this decides it: scores lie in (0, 1), biases are far smaller. */
export const DECISIVE = 1000;

/** Interventions on one layer beyond its router's inputs. Rows are [N, 1] of 1 (concerned) and 0; null: every row. */
export interface Steering {
  /** Rows whose best-ranked expert is passed over; undefined: none. */
  readonly topMasked: Tensor | null | undefined;
  /** Other numbers of experts, each for its rows. A row is of one of them at most. */
  readonly counts: readonly { readonly count: number; readonly rows: Tensor | null; readonly given: Tensor }[];
  /** In this order, each on what those before it left. */
  readonly swaps: readonly { readonly expert: number; readonly instead: number; readonly rows: Tensor | null }[];
  /** Multiplies the shared experts' output, [N, 1]; null: nothing does. */
  readonly shared: Tensor | null;
}

/**
 * The router's decision under all of `inputs`. Where a layer has tokens of different K, the shorter rows are filled with their first
 * expert at weight 0, which adds nothing to the output but counts in `totals`.
 * @param logits [N, E]
 */
export function decide(logits: Tensor, inputs: RouterInputs, config: ModelConfig): RouterDecision {
  const { steering } = inputs;
  const K = config.numExpertsPerTok;
  if (!steering) return ask(logits, inputs, K, config);
  const steered = steering.topMasked === undefined ? inputs : passingOver(logits, inputs, steering.topMasked, config);
  const decision = withCounts(logits, steered, steering.counts, config);
  const { swaps } = steering;
  return {
    ...decision,
    chosen: swaps.reduce((chosen, { expert, instead, rows }) => replaced(chosen, expert, instead, rows), decision.chosen),
  };
}

function ask(
  logits: Tensor,
  { choiceOffset, contribution, given }: RouterInputs,
  K: number,
  config: ModelConfig,
): RouterDecision {
  return chooseExperts(
    { logits, choiceOffset, contribution, given },
    {
      expertsPerToken: K,
      groups: config.nGroup,
      topGroups: config.topkGroup,
      normalise: config.normTopkProb,
      scale: config.routedScalingFactor,
    },
  );
}

/** The same inputs with the best-ranked expert of the told rows out of the choice. */
function passingOver(logits: Tensor, inputs: RouterInputs, rows: Tensor | null, config: ModelConfig): RouterInputs {
  const best = columns(ask(logits, { ...inputs, given: columns(inputs.given, 0, 1) }, 1, config).chosen, 0, 1);
  return { ...inputs, choiceOffset: liftedAt(inputs.choiceOffset, best, rows, -DECISIVE) };
}

/** The router is asked once for each number of experts; each row takes the answer for its own. */
function withCounts(logits: Tensor, inputs: RouterInputs, counts: Steering['counts'], config: ModelConfig): RouterDecision {
  const everywhere = counts.find(({ rows }) => rows === null);
  if (everywhere) return ask(logits, { ...inputs, given: everywhere.given }, everywhere.count, config);
  const trained = ask(logits, inputs, config.numExpertsPerTok, config);
  const width = counts.reduce((most, { count }) => Math.max(most, count), config.numExpertsPerTok);
  let { chosen, weights } = widened(trained.chosen, trained.weights, width);
  let { diagnostics } = trained;
  for (const { count, rows, given } of counts) {
    const other = ask(logits, { ...inputs, given }, count, config);
    const wide = widened(other.chosen, other.weights, width);
    chosen = rowsFrom(rows!, wide.chosen, chosen);
    weights = rowsFrom(rows!, wide.weights, weights);
    diagnostics = rowsFrom(rows!, other.diagnostics, diagnostics);
  }
  return { chosen, weights, scores: trained.scores, diagnostics };
}

/** The shared experts' output as far as it counts. @param y [N, C] */
export function sharedShare(y: Tensor, steering: Steering | undefined): Tensor {
  return steering?.shared ? scaled(y, steering.shared) : y;
}
