// The mixture-of-experts layer of dots.llm1.
import type { ModelConfig } from '../config/modelConfig';
import { addition } from '../kernels/addition/addition';
import { expertTotals, sortByExpert } from '../kernels/assignments/assignments';
import { runExperts } from '../kernels/experts/experts';
import { linear } from '../kernels/linear/linear';
import { chooseExperts } from '../kernels/router/router';
import type { Tensor } from '../kernels/tensor';
import { mlp } from './mlp';
import type { MoeParameters } from './parameters';
import type { RouterInputs, Routing } from './routing';

/** Which experts the tokens go to, with what weight. @param x [N, C] */
export function route(x: Tensor, router: Tensor, inputs: RouterInputs, config: ModelConfig): Routing {
  const decision = chooseExperts(
    { logits: linear(x, router), ...inputs },
    {
      expertsPerToken: config.numExpertsPerTok,
      groups: config.nGroup,
      topGroups: config.topkGroup,
      normalise: config.normTopkProb,
      scale: config.routedScalingFactor,
    },
  );
  return {
    ...decision,
    ...sortByExpert(decision.chosen, config.nRoutedExperts),
    totals: expertTotals(decision.chosen, decision.weights, config.nRoutedExperts),
  };
}

/** y = Σ_I w_i·SwiGLU_i(x) + SwiGLU_shared(x). No token is dropped. @param x [N, C] */
export function moe(
  x: Tensor,
  parameters: MoeParameters,
  inputs: RouterInputs,
  config: ModelConfig,
): { y: Tensor; routing: Routing } {
  const routing = route(x, parameters.router, inputs, config); // [N, K]
  const routed = runExperts(x, routing.weights, routing.chosen, assignmentsOf(routing), parameters.experts); // [N, C]
  const y = parameters.shared ? addition(routed, mlp(x, parameters.shared)) : routed; // [N, C]
  return { y, routing };
}

function assignmentsOf({ offsets, order, position }: Routing) {
  return { offsets, order, position };
}
